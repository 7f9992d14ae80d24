"""The order event of the part `formats`: 66 values, as JSON-like data, by an Avro and by a Protobuf schema."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.model.payload import Shape

SIX: Final[Shape] = {
    "event_type": None,
    "occurred_at": None,
    "customer": {"id": None},
    "order": {"status": None, "currency": None, "total": None},
}
"""What a usual rule reads."""

ONE: Final[Shape] = {"event_type": None}


def _record(name: str, /, **fields: object) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": each, "type": kind} for each, kind in fields.items()]}


def _optional(kind: object) -> list[object]:
    return ["null", kind]


_DECIMAL: Final = {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}
_TIME: Final = {"type": "long", "logicalType": "timestamp-millis"}
_ITEM: Final = _record(
    "Item",
    sku="string",
    name="string",
    quantity="int",
    price=_DECIMAL,
    weight="double",
    category=_optional("string"),
    gift="boolean",
)

AVRO: Final = {
    **_record(
        "OrderEvent",
        event_id="string",
        event_type={"type": "enum", "name": "EventType", "symbols": ["CREATED", "PAID", "REFUNDED"]},
        occurred_at=_TIME,
        sequence="long",
        customer=_record(
            "Customer",
            id="string",
            email=_optional("string"),
            country="string",
            segment=_optional("string"),
            since=_TIME,
            vip="boolean",
        ),
        order=_record(
            "Order",
            number="string",
            status={"type": "enum", "name": "Status", "symbols": ["OPEN", "PAID", "SENT"]},
            currency="string",
            total=_DECIMAL,
            tax=_DECIMAL,
            discount=_optional(_DECIMAL),
            shipping=_DECIMAL,
            items={"type": "array", "items": _ITEM},
            coupon=_optional("string"),
            note=_optional("string"),
        ),
        address=_record(
            "Address", street="string", city="string", zip="string", country="string", lat="double", lon="double"
        ),
        payment=_record(
            "Payment",
            method="string",
            provider="string",
            reference=_optional("string"),
            captured_at=_optional(_TIME),
            attempts="int",
        ),
        labels={"type": "map", "values": "string"},
        source="string",
        trace_id="string",
        schema_version="int",
        conversation_id=_optional("string"),
    ),
    "namespace": "com.acme.billing",
}

PROTOBUF: Final = """\
syntax = "proto3";
package com.acme.billing;
import "google/protobuf/timestamp.proto";
import "google/type/decimal.proto";
enum EventType { CREATED = 0; PAID = 1; REFUNDED = 2; }
message OrderEvent {
  string event_id = 1;
  EventType event_type = 2;
  google.protobuf.Timestamp occurred_at = 3;
  int64 sequence = 4;
  Customer customer = 5;
  Order order = 6;
  Address address = 7;
  Payment payment = 8;
  map<string, string> labels = 9;
  string source = 10;
  string trace_id = 11;
  int32 schema_version = 12;
  optional string conversation_id = 13;
}
message Customer {
  string id = 1;
  optional string email = 2;
  string country = 3;
  optional string segment = 4;
  google.protobuf.Timestamp since = 5;
  bool vip = 6;
}
message Order {
  enum Status { OPEN = 0; PAID = 1; SENT = 2; }
  string number = 1;
  Status status = 2;
  string currency = 3;
  google.type.Decimal total = 4;
  google.type.Decimal tax = 5;
  google.type.Decimal discount = 6;
  google.type.Decimal shipping = 7;
  repeated Item items = 8;
  optional string coupon = 9;
  optional string note = 10;
}
message Item {
  string sku = 1;
  string name = 2;
  int32 quantity = 3;
  google.type.Decimal price = 4;
  double weight = 5;
  optional string category = 6;
  bool gift = 7;
}
message Address {
  string street = 1;
  string city = 2;
  string zip = 3;
  string country = 4;
  double lat = 5;
  double lon = 6;
}
message Payment {
  string method = 1;
  string provider = 2;
  optional string reference = 3;
  google.protobuf.Timestamp captured_at = 4;
  int32 attempts = 5;
}
"""

_WHEN: Final = "2026-11-18T10:00:00Z"

PAYLOAD: Final = {
    "event_id": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11",
    "event_type": "PAID",
    "occurred_at": _WHEN,
    "sequence": 123_456_789,
    "customer": {
        "id": "cus_00012345",
        "email": "ada@example.com",
        "country": "FR",
        "segment": "team",
        "since": _WHEN,
        "vip": True,
    },
    "order": {
        "number": "2026-000123",
        "status": "PAID",
        "currency": "EUR",
        "total": Decimal("299.00"),
        "tax": Decimal("49.83"),
        "discount": Decimal("10.00"),
        "shipping": Decimal("0.00"),
        "items": [
            {
                "sku": f"SKU-{number:05}",
                "name": "A product with a name of usual length",
                "quantity": number + 1,
                "price": Decimal("74.75"),
                "weight": Decimal(number) / 4,
                "category": "books" if number % 2 else None,
                "gift": False,
            }
            for number in range(4)
        ],
        "coupon": None,
        "note": "leave at the door",
    },
    "address": {
        "street": "10 rue de la Paix",
        "city": "Paris",
        "zip": "75002",
        "country": "FR",
        "lat": Decimal("48.8698"),
        "lon": Decimal("2.3311"),
    },
    "payment": {
        "method": "card",
        "provider": "stripe",
        "reference": "pi_3NkX",
        "captured_at": _WHEN,
        "attempts": 1,
    },
    "labels": {"channel": "web", "campaign": "autumn", "ab": "B"},
    "source": "checkout-service",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "schema_version": 7,
    "conversation_id": "c-123",
}

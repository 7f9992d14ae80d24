"""Protobuf is read as Confluent's serializer writes it, with every framing that it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from google.protobuf.json_format import ParseDict
from google.protobuf.message_factory import GetMessageClass

from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.decoding.proto_schema import compile_schema
from greenflash_kafka.model.decoded import Decoded
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.schema import Schema, SchemaKey
from tests.fakes.schemas import KnownSchemas

CUSTOMER = 'syntax = "proto3"; package acme; message Customer { string id = 1; }'
ORDERS = Schema(
    "protobuf",
    """\
syntax = "proto3";
package acme;
import "customer.proto";
import "google/protobuf/timestamp.proto";
import "google/type/money.proto";
message Refund { string id = 1; }
message Order {
  message Line { string sku = 1; int64 count = 2; }
  string id = 1;
  Customer customer = 2;
  google.type.Money total = 3;
  google.protobuf.Timestamp at = 4;
  repeated Line lines = 5;
}
""",
    (("customer.proto", CUSTOMER),),
)
DATA: Mapping[str, Mapping[str, object]] = {
    "acme.Refund": {"id": "r-1"},
    "acme.Order": {
        "id": "o-1",
        "customer": {"id": "c-1"},
        "total": {"currencyCode": "EUR", "units": "12", "nanos": 340000000},
        "at": "2026-11-18T10:00:00.5Z",
        "lines": [{"sku": "a", "count": "9007199254740993"}],
    },
    "acme.Order.Line": {"sku": "a"},
}
EXPECTED: Mapping[str, object] = {
    "acme.Refund": {"id": "r-1"},
    "acme.Order": {
        "id": "o-1",
        "customer": {"id": "c-1"},
        "total": {"currency_code": "EUR", "units": 12, "nanos": 340000000, "amount": Decimal("12.34")},
        "at": datetime(2026, 11, 18, 10, 0, 0, 500_000, UTC),
        "lines": [{"sku": "a", "count": 9007199254740993}],
    },
    "acme.Order.Line": {"sku": "a", "count": 0},
}


def known(client: Any, headers: Any) -> KnownSchemas:
    """The schemas that the serializer registered, as a registry gives them."""
    found = client.get_latest_version("orders-value")
    references = []
    for each in found.schema.references:
        other = client.get_version(each.subject, each.version).schema
        references.append((each.name, other.schema_str))
    schema = Schema("protobuf", found.schema.schema_str, tuple(references))
    keys: dict[SchemaKey, Schema] = {found.schema_id: schema}
    for _, value in headers:
        keys[value[1:17]] = schema
    return KnownSchemas(keys)


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("header", [False, True], ids=["prefix", "header"])
def test_protobuf_is_read_as_confluents_serializer_writes_it(name: str, header: bool) -> None:
    kind = GetMessageClass(compile_schema(ORDERS).find(name))
    options = {"schema.id.serializer": header_schema_id_serializer} if header else {}
    client = SchemaRegistryClient.new_client({"url": f"mock://{name}"})
    context = SerializationContext("orders", MessageField.VALUE, [])
    value = ProtobufSerializer(kind, client, options)(ParseDict(DATA[name], kind()), context)
    assert value is not None
    written: Any = context.headers or ()
    headers = tuple((key, bytes(content)) for key, content in written)
    assert bool(headers) == header
    decoded = FormatDecoders(known(client, headers)).decoder("orders", None)(
        Message("orders", 0, 0, value=value, headers=headers)
    )
    assert isinstance(decoded, Decoded)
    assert (decoded.payload, decoded.schema) == (EXPECTED[name], name)

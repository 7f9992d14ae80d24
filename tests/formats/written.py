"""The facts as messages, written by Confluent's own serializers for a registry, by the standard library, and as
CloudEvents."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import Any, Final
from uuid import UUID

import msgspec
from confluent_kafka.schema_registry import Schema as RegistrySchema
from confluent_kafka.schema_registry import SchemaReference, SchemaRegistryClient, header_schema_id_serializer
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaKind
from tests.formats.compiled import compiled
from tests.formats.subscriptions import RECORDED_MS, Fact

Body = tuple[bytes, tuple[tuple[str, bytes | None], ...]]
"""A record's value and headers."""

Write = Callable[[Fact], Body]

_KINDS: Final[dict[str, SchemaKind]] = {"AVRO": "avro", "JSON": "json-schema", "PROTOBUF": "protobuf"}

AVRO: Final = json.dumps(
    {
        "type": "record",
        "name": "Subscription",
        "namespace": "test.billing",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "customer", "type": "string"},
            {"name": "plan", "type": {"type": "enum", "name": "Plan", "symbols": ["starter", "growth", "scale"]}},
            {"name": "amount", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
            {"name": "currency", "type": "string"},
            {"name": "seats", "type": "int"},
            {"name": "usage", "type": ["null", "long"], "default": None},
            {"name": "share", "type": ["null", "float"], "default": None},
            {"name": "changed", "type": {"type": "long", "logicalType": "timestamp-micros"}},
            {"name": "features", "type": "string"},
        ],
    }
)

PROTOBUF: Final = """\
syntax = "proto3";
package test.billing;
import "confluent/types/decimal.proto";
import "google/protobuf/timestamp.proto";
message Other { string what = 1; }
message Subscription {
  enum Plan { starter = 0; growth = 1; scale = 2; }
  int64 id = 1;
  string customer = 2;
  Plan plan = 3;
  confluent.type.Decimal amount = 4;
  string currency = 5;
  int32 seats = 6;
  optional uint64 usage = 7;
  optional float share = 8;
  google.protobuf.Timestamp changed = 9;
  string features = 10;
}
"""

PLAN: Final = json.dumps(
    {"type": "enum", "name": "Plan", "namespace": "test.billing", "symbols": ["starter", "growth", "scale"]}
)
AVRO_REFERRING: Final = json.dumps(
    {
        **json.loads(AVRO),
        "fields": [each | ({"type": "Plan"} if each["name"] == "plan" else {}) for each in json.loads(AVRO)["fields"]],
    }
)
"""The same, its enum in a schema of its own."""

AVRO_LATER: Final = json.dumps(
    {
        **json.loads(AVRO),
        "fields": [{"name": "first", "type": "string", "default": "x"}, *json.loads(AVRO)["fields"]],
    }
)
"""A later version, with a field in front of all others."""

_PLAN_FILE: Final = (
    "test/billing/plan.proto",
    'syntax = "proto3";\npackage test.plans;\nenum Plan { starter = 0; growth = 1; scale = 2; }\n',
)
PROTOBUF_IMPORTING: Final = (
    PROTOBUF.replace("package test.billing;", 'package test.importing;\nimport "test/billing/plan.proto";')
    .replace("  enum Plan { starter = 0; growth = 1; scale = 2; }\n", "")
    .replace("  Plan plan", "  test.plans.Plan plan")
)
"""The same, its enum in a file of its own."""

JSON_SCHEMA: Final = json.dumps(
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Subscription",
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "customer": {"type": "string"},
            "amount": {"type": "number"},
            "changed": {"type": "string"},
        },
        "required": ["id", "customer"],
    }
)


def messages(topic: str, facts: Sequence[Fact], write: Write) -> list[Message]:
    """The facts as records of a topic."""
    bodies = map(write, facts)
    return [
        Message(topic, 0, offset, RECORDED_MS, value=value, headers=headers)
        for offset, (value, headers) in enumerate(bodies)
    ]


def as_json(fact: Fact) -> Body:
    """JSON without anything around it."""
    return _plain(fact), ()


def as_cloudevent(fact: Fact) -> Body:
    """CloudEvents in binary mode: attributes in headers, the value is the data."""
    headers = {**_attributes(fact), "content-type": "application/json"}
    named = tuple((name if name == "content-type" else f"ce_{name}", each.encode()) for name, each in headers.items())
    return _plain(fact), named


def as_structured_cloudevent(fact: Fact) -> Body:
    """CloudEvents in structured mode: one JSON object, the data in it."""
    whole = {**_attributes(fact), "datacontenttype": "application/json", "data": msgspec.Raw(_plain(fact))}
    return msgspec.json.encode(whole), (("content-type", b"application/cloudevents+json; charset=UTF-8"),)


def avro(client: SchemaRegistryClient, topic: str, *, header: bool = False) -> Write:
    """Confluent's Avro: the schema's id in front, or its GUID in a header."""
    conf = _conf(header)
    serializer = AvroSerializer(client, AVRO, conf=conf)
    return _writer(serializer, topic, msgspec.structs.asdict)


def avro_referring(client: SchemaRegistryClient, topic: str) -> Write:
    """Avro whose schema refers to another subject's."""
    client.register_schema(f"{topic}-plan", RegistrySchema(PLAN, "AVRO"))
    reference = SchemaReference("test.billing.Plan", f"{topic}-plan", 1)
    schema = RegistrySchema(AVRO_REFERRING, "AVRO", [reference])
    return _writer(AvroSerializer(client, schema, conf=_conf(False)), topic, msgspec.structs.asdict)


def avro_evolving(client: SchemaRegistryClient, topic: str) -> Write:
    """Avro whose messages have an earlier and a later schema in turn."""
    earlier = avro(client, topic)
    later = AvroSerializer(client, AVRO_LATER, conf=_conf(False))
    writers = cycle((earlier, _writer(later, topic, lambda fact: {"first": "1", **msgspec.structs.asdict(fact)})))
    return lambda fact: next(writers)(fact)


def protobuf_importing(client: SchemaRegistryClient, topic: str) -> Write:
    """Protobuf whose file imports another one, which the serializer registers under its name."""
    types = compiled("test/importing/subscription.proto", PROTOBUF_IMPORTING, _PLAN_FILE)
    kind = types["test.importing.Subscription"]
    return _writer(ProtobufSerializer(kind, client, conf=_conf(False)), topic, lambda fact: _message(kind, fact))


def json_schema(client: SchemaRegistryClient, topic: str, *, header: bool = False) -> Write:
    """Confluent's JSON with a schema."""
    serializer = JSONSerializer(JSON_SCHEMA, client, conf=_conf(header))
    return _writer(serializer, topic, lambda fact: json.loads(_plain(fact)))


def protobuf(client: SchemaRegistryClient, topic: str, *, header: bool = False) -> Write:
    """Confluent's Protobuf, the second message of its file: the indexes aren't the short form's."""
    types = compiled("test/billing/subscription.proto", PROTOBUF)
    serializer = ProtobufSerializer(types["test.billing.Subscription"], client, conf=_conf(header))
    return _writer(serializer, topic, lambda fact: _message(types["test.billing.Subscription"], fact))


def client_of(url: str) -> SchemaRegistryClient:
    """Confluent's client of a registry; `mock://NAME` is one in memory, which gives schemas GUIDs, too."""
    return SchemaRegistryClient.new_client({"url": url})


def registered(client: SchemaRegistryClient, *subjects: str) -> dict[SchemaKey, Schema]:
    """The newest schemas of these subjects, by id, and by GUID where the registry has any."""
    found: dict[SchemaKey, Schema] = {}
    for subject in subjects:
        newest = client.get_latest_version(subject)
        given = newest.schema
        assert given.schema_str is not None
        assert newest.schema_id is not None
        schema = Schema(_KINDS[str(given.schema_type)], given.schema_str, subject=subject, version=newest.version)
        found[newest.schema_id] = schema
        if newest.guid:
            found[UUID(newest.guid).bytes] = schema
    return found


def _writer(serializer: Any, topic: str, value: Callable[[Fact], object]) -> Write:
    def write(fact: Fact) -> Body:
        headers: Any = []
        context = SerializationContext(topic, MessageField.VALUE, headers)
        return serializer(value(fact), context), tuple(headers)

    return write


def _conf(header: bool) -> dict[str, object]:
    # The default asks an API that only Confluent's registry has.
    conf: dict[str, object] = {"subject.name.strategy.type": "TOPIC"}
    if header:
        conf["schema.id.serializer"] = header_schema_id_serializer
    return conf


def _message(kind: Any, fact: Fact) -> object:
    whole = kind()
    for name, value in msgspec.structs.asdict(fact).items():
        match name:
            case "amount":
                unscaled = int(fact.amount.scaleb(2))
                whole.amount.value = unscaled.to_bytes(8, "big", signed=True)
                whole.amount.scale = 2
            case "plan":
                whole.plan = kind.DESCRIPTOR.fields_by_name["plan"].enum_type.values_by_name[fact.plan].number
            case "changed":
                whole.changed.FromDatetime(fact.changed)
            case _:
                if value is not None:
                    setattr(whole, name, value)
    return whole


def _attributes(fact: Fact) -> dict[str, str]:
    return {
        "specversion": "1.0",
        "id": f"e-{fact.id}-{fact.seats}",
        "source": "/billing",
        "type": "subscription.changed",
    }


def _plain(fact: Fact) -> bytes:
    return msgspec.json.Encoder(decimal_format="number").encode(fact)

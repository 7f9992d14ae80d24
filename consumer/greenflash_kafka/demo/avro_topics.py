"""The demo's topics in Avro: chats, and what Debezium tells of the shop's database, each with its schemas."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec

from greenflash_kafka.decoding.avro_writer import encode
from greenflash_kafka.demo.made import CHATS, CREDITS
from greenflash_kafka.demo.traffic import ProducedMessage
from greenflash_kafka.model.schema import Schema, SchemaKey

_CHAT: Final = {
    "type": "record",
    "name": "ChatMessage",
    "namespace": "demo.chat",
    "fields": [
        {"name": "conversation_id", "type": "string"},
        {"name": "user_id", "type": "string"},
        {"name": "role", "type": {"type": "enum", "name": "Role", "symbols": ["user", "assistant"]}},
        {"name": "text", "type": "string"},
        {"name": "created_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    ],
}


def _optional(kind: object) -> list[object]:
    return ["null", kind]


_ORDER: Final = {
    "type": "record",
    "name": "Value",
    "fields": [
        {"name": "id", "type": "long"},
        {"name": "user_id", "type": "string"},
        {"name": "status", "type": "string"},
        {"name": "credits", "type": "int"},
        {
            "name": "amount",
            "type": {
                "type": "bytes",
                "logicalType": "decimal",
                "precision": 12,
                "scale": 2,
                "connect.name": "org.apache.kafka.connect.data.Decimal",
                "connect.parameters": {"scale": "2"},
            },
        },
        {"name": "currency", "type": "string"},
        {"name": "changed_at", "type": {"type": "string", "connect.name": "io.debezium.time.ZonedTimestamp"}},
        {"name": "remark", "type": _optional("string"), "default": None},
    ],
}

_SOURCE: Final = {
    "type": "record",
    "name": "Source",
    "namespace": "io.debezium.connector.postgresql",
    "fields": [
        *({"name": name, "type": "string"} for name in ("version", "connector", "name")),
        {"name": "ts_ms", "type": "long"},
        *({"name": name, "type": "string"} for name in ("snapshot", "db", "schema", "table")),
        *({"name": name, "type": _optional("long"), "default": None} for name in ("txId", "lsn")),
    ],
}

_CHANGE: Final = {
    "type": "record",
    "name": "Envelope",
    "namespace": CREDITS,
    "fields": [
        {"name": "before", "type": _optional(_ORDER), "default": None},
        {"name": "after", "type": _optional("Value"), "default": None},
        {"name": "source", "type": _SOURCE},
        {"name": "op", "type": "string"},
        {"name": "ts_ms", "type": _optional("long"), "default": None},
    ],
}

_KEY: Final = {"type": "record", "name": "Key", "namespace": CREDITS, "fields": [{"name": "id", "type": "long"}]}


class _Topic(NamedTuple):
    """The ids of a topic's schemas; `key` None: keys are texts."""

    value: int
    key: int | None = None


_SUBJECTS: Final = ((f"{CHATS}-value", _CHAT), (f"{CREDITS}-key", _KEY), (f"{CREDITS}-value", _CHANGE))
_TOPICS: Final = {CHATS: _Topic(1), CREDITS: _Topic(3, key=2)}

SCHEMAS: Final[Mapping[SchemaKey, Schema]] = {
    number: Schema("avro", msgspec.json.encode(schema).decode(), subject=subject, version=1)
    for number, (subject, schema) in enumerate(_SUBJECTS, 1)
}
"""All schemas by the id that stands in front of messages."""


def in_avro(message: ProducedMessage) -> ProducedMessage:
    """The same message in Avro, with the ids of its schemas in front of key and value, if its topic is one in Avro."""
    topic = _TOPICS.get(message.topic)
    if topic is None:
        return message
    key = message.key
    if key is not None and topic.key is not None:
        key = _framed(topic.key, msgspec.json.decode(key))
    value = None if message.value is None else _framed(topic.value, _typed(msgspec.json.decode(message.value)))
    return message._replace(key=key, value=value, headers=())


def _typed(payload: dict[str, Any]) -> dict[str, Any]:
    """Amounts as the database has them; in JSON they are texts."""
    rows = {name: payload[name] for name in ("before", "after") if payload.get(name)}
    return payload | {name: row | {"amount": Decimal(row["amount"])} for name, row in rows.items()}


def _framed(number: int, payload: object) -> bytes:
    return b"\0" + number.to_bytes(4, "big") + encode(SCHEMAS[number], payload)

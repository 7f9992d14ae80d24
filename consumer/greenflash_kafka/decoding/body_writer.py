"""Bodies from data, by schemas of all kinds: what cases and `try` have in place of a producer."""

from __future__ import annotations

import importlib
from typing import Final

import msgspec

from greenflash_kafka.model.schema import Schema, SchemaKey

_JSON: Final = msgspec.json.Encoder(decimal_format="number")
_FIRST: Final = b"\x00"
"""The indexes of the first message of a .proto file."""


def body_of(schema: Schema, payload: object, message: str | None = None) -> bytes:
    """The body of a payload, whose values are as rules see them. `message` is Protobuf's full name; None: the first.

    Raises EncodeError with the place in the payload; SchemaError for the schema.
    """
    if schema.kind == "json-schema":
        return _JSON.encode(payload)
    module = importlib.import_module(f"greenflash_kafka.decoding.{schema.kind}_writer")
    if schema.kind == "protobuf":
        body: bytes = module.encode(schema, (0,) if message is None else message, payload)
    else:
        body = module.encode(schema, payload)
    return body


def framed(schema: Schema, key: SchemaKey, body: bytes) -> bytes:
    """The body behind its schema's key, as Confluent's serializers write it."""
    head = b"\x00" + key.to_bytes(4, "big") if isinstance(key, int) else b"\x01" + key
    return head + (_FIRST if schema.kind == "protobuf" else b"") + body

"""Readers of Protobuf bodies: the bytes of one message, whose schema is known from elsewhere.

Protobuf's libraries are imported when the first such schema is met: most processes need none of their 6 MB.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from greenflash_kafka.decoding.schema_error import MissingExtra
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema


class ProtobufBodyReader(Protocol):
    """Reader of bodies of one message. `name` is the message's full name."""

    name: str

    def read(self, body: bytes) -> object:
        """The payload. Raises DecodeError for bytes that are no such message."""
        ...


def body_reader(schema: Schema, shape: Shape | None, message: str | Sequence[int]) -> ProtobufBodyReader:
    """Reader of a schema's bodies; what `shape` doesn't name may be left out. `message` is its full name, or its
    indexes in Confluent's framing.

    Raises SchemaError. OSError: the schema's compiler can't be started now, which says nothing of the schema.
    """
    try:
        from greenflash_kafka.decoding.proto_reader import ProtoReader
        from greenflash_kafka.decoding.proto_schema import compile_schema
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "google":
            raise
        raise MissingExtra("protobuf", "Protobuf") from None
    pool = compile_schema(schema)
    return ProtoReader(pool, pool.find(message), shape)

"""The fuzz target of framings: any bytes and any header, before schemas of all kinds."""

# ruff: noqa: PT017 - a target isn't a test: what it catches is what it looks at
from __future__ import annotations

from typing import Final

from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.decoding.framing import FIRST_BYTES
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.model.decoded import Decoded
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.problem import CODES
from greenflash_kafka.model.schema import Schema, SchemaRefused
from greenflash_kafka.model.topic_format import TopicFormat
from tests.fakes.schemas import KnownSchemas

_AVRO = """{"type": "record", "name": "R", "fields": [{"name": "type", "type": "string"}, {"name": "n", "type":
["null", "R"]}]}"""
_PROTO = 'syntax = "proto3"; message A { string type = 1; A n = 2; message B { int32 type = 1; } } message C {}'

SCHEMAS: Final = KnownSchemas(
    {
        1: Schema("avro", _AVRO, subject="a", version=1),
        2: Schema("protobuf", _PROTO, subject="p", version=1),
        3: Schema("json-schema", '{"title": "J"}', subject="j", version=1),
        4: Schema("avro", "{", subject="bad", version=1),
        5: SchemaRefused("unknown-schema", "nobody knows it"),
        bytes(16): Schema("avro", _AVRO, subject="a", version=1),
    }
)
_DECODERS: Final = FormatDecoders(SCHEMAS)
_FORMATS: Final = (
    TopicFormat(),
    TopicFormat(key="auto"),
    TopicFormat("avro"),
    TopicFormat("protobuf", message="A"),
    TopicFormat("json-schema"),
)
_DECODE: Final = [_DECODERS.decoder("t", shape, each) for each in _FORMATS for shape in (None, {"type": None})]
_PLAIN: Final = 4
"""So many decoders give the payload of plain JSON as it is."""

_HEADERS: Final = ("__value_schema_id", "__key_schema_id", "apicurio.value.globalId", "content-type")


def framing(data: bytes) -> None:
    """The first byte says how many bytes of a header and of the key follow; the rest is the value. A payload, with its
    schema or without, a `NotYet`, or a DecodeError with a code; JSON is what it is without any schemas."""
    sizes, rest = (data[0], data[1:]) if data else (0, b"")
    header, rest = rest[: sizes % 20], rest[sizes % 20 :]
    key, value = rest[: sizes // 20], rest[sizes // 20 :]
    headers = ((_HEADERS[sizes % len(_HEADERS)], header),) if header else ()
    message = Message("t", 0, 0, key=key or None, value=value, headers=headers)
    for number, each in enumerate(_DECODE):
        try:
            found = each(message)
        except DecodeError as error:
            assert error.code in CODES
            assert 0 < len(str(error)) < 500
            found = error
        assert isinstance(found, Decoded | NotYet | DecodeError) or number < _PLAIN
        if number == 0 and not headers and value[:1] not in FIRST_BYTES:
            assert repr(found) == repr(_json(value))


def _json(value: bytes) -> object:
    try:
        return decode(value)
    except DecodeError as error:
        return error

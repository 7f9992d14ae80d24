"""The fuzz target of Protobuf: some schemas, or any descriptor, with any body."""

# ruff: noqa: PT017 - a target isn't a test: what it catches is what it looks at
from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final

from greenflash_kafka.decoding.body_reader import BodyReader
from greenflash_kafka.decoding.encode_error import EncodeError
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.protobuf_format import body_reader
from greenflash_kafka.decoding.protobuf_writer import encode
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.payload import Shape, too_deep
from greenflash_kafka.model.schema import Schema

SHAPE: Final[Shape] = {"type": None, "data": {"a": None, "n": {"a": None}}, "labels": {"a": None}}

_KNOWN: Final = """\
syntax = "proto3";
import "google/protobuf/any.proto"; import "google/protobuf/duration.proto"; import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto"; import "google/protobuf/timestamp.proto"; import "google/type/date.proto";
import "google/protobuf/wrappers.proto"; import "google/type/money.proto"; import "confluent/type/decimal.proto";
import "google/type/decimal.proto"; import "google/type/timeofday.proto";
message M {
  string type = 1; google.protobuf.Any data = 2; google.protobuf.Timestamp at = 3; google.protobuf.Duration took = 4;
  google.protobuf.Struct free = 5; google.protobuf.FieldMask mask = 6; google.type.Money money = 7;
  google.type.Date day = 8; google.type.Decimal number = 9; google.type.TimeOfDay clock = 10;
  confluent.type.Decimal exact = 11; google.protobuf.FloatValue weight = 12; google.protobuf.BytesValue blob = 13;
  map<string, google.protobuf.Value> labels = 14; repeated float numbers = 15;
}
"""
_OLD: Final = """\
syntax = "proto2";
enum E { A = 1; B = 2; }
message M {
  required string type = 1; optional group Data = 2 { optional string a = 1; optional M n = 2; }
  optional E kind = 3 [default = B]; repeated E kinds = 4; map<string, string> labels = 5; repeated M more = 6;
  optional bytes raw = 7; map<bool, M> both = 8; repeated group Line = 9 { optional int32 n = 1; }
}
"""
_FIELDS: Final = " ".join(f"int64 f{number} = {number};" for number in range(20, 200))
_WIDE: Final = (
    'syntax = "proto3"; message M { string type = 1; M data = 2; repeated M more = 3; oneof o { int32 a = 4; M n = 5; }'
    f" map<int32, M> labels = 6; {_FIELDS} }}"
)

SCHEMAS: Final = (_KNOWN, _OLD, _WIDE)
"""Schemas by a digit in place of a schema's base64."""


def protobuf(data: bytes) -> None:
    """The first line is a descriptor in base64, or a digit that stands for a schema; the rest is a body. A payload of
    the language's values or DecodeError; in part it is what it is as a whole, but where nobody reads what is wrong."""
    head, _, body = data.partition(b"\n")
    text = head.decode("utf-8", "replace")
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        text = SCHEMAS[int(text) % len(SCHEMAS)]
    elif not re.fullmatch(r"[A-Za-z0-9+/=]*", text):
        # The compiler of texts is Google's, and runs apart.
        return
    schema = Schema("protobuf", text)
    try:
        whole, part = _readers(schema)
    except SchemaError as error:
        assert 0 < len(str(error)) < 1_000
        return
    seen = _outcome(whole, body)
    assert repr(seen) == repr(_outcome(whole, body))
    parts = _outcome(part, body)
    if not isinstance(seen, DecodeError):
        _of_the_language(seen)
        assert not too_deep(seen)
        assert _seen(parts, SHAPE) == _seen(seen, SHAPE)
        with suppress(EncodeError):
            _of_the_language(_outcome(whole, encode(schema, (0,), seen)))


@lru_cache(maxsize=8)
def _readers(schema: Schema) -> tuple[BodyReader, BodyReader]:
    return body_reader(schema, None, (0,)), body_reader(schema, SHAPE, (0,))


def _outcome(reader: BodyReader, body: bytes) -> object:
    try:
        return reader.read(body)
    except DecodeError as error:
        assert 0 < len(str(error)) < 500
        return error


def _of_the_language(payload: object) -> None:
    waiting = [payload]
    while waiting:
        value = waiting.pop()
        assert value is None or isinstance(value, str | int | Decimal | datetime | list | dict)
        assert not isinstance(value, Decimal) or value.is_finite()
        waiting.extend(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())


def _seen(payload: object, shape: Shape | None) -> object:
    if shape is None or not isinstance(payload, dict):
        return payload
    return {name: _seen(payload[name], inner) for name, inner in shape.items() if name in payload}

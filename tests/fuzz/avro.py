"""The fuzz target of Avro: any schema with any body."""

# ruff: noqa: PT017 - a target isn't a test: what it catches is what it looks at
from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Final

from greenflash_kafka.decoding.avro_format import AvroBodyReader, body_reader
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.payload import Shape, too_deep
from greenflash_kafka.model.schema import Schema

SHAPE: Final[Shape] = {"type": None, "data": {"a": None, "n": {"a": None}}}


def _record(name: str, *fields: object) -> dict[str, object]:
    named = [
        {"name": field, "type": kind} for field, kind in zip(["type", "data", "a", "n", "b"], fields, strict=False)
    ]
    return {"type": "record", "name": name, "fields": named}


def _list(items: object) -> dict[str, object]:
    return {"type": "array", "items": items}


_ENUM = {"type": "enum", "name": "E", "symbols": ["A", "B", "C"]}
_TIMES = [{"type": "long", "logicalType": f"{each}-micros"} for each in ("timestamp", "local-timestamp", "time")]
_DECIMAL = {"type": "bytes", "logicalType": "decimal", "scale": 2}
_UNION = ["null", "double", "string", "float", "boolean", "bytes", {"type": "int", "logicalType": "date"}, _ENUM]
_NULLS = {"type": "record", "name": "N", "fields": [{"name": f"n{each}", "type": "null"} for each in range(200)]}

SCHEMAS: Final = (
    _record("R", "string", _record("D", "long", "int", _DECIMAL, ["null", "R"], _list("D")), _ENUM),
    _record("R", _UNION, {"type": "map", "values": ["null", "R"]}, _list(_UNION), *_TIMES[:1]),
    _record("R", _list("null"), ["null", _NULLS], _list(["N", "null"])),
    _record("R", *_TIMES, {"type": "fixed", "name": "F", "size": 12, "logicalType": "duration"}, ["F", "null"]),
    _record("R", ["null", _record("a.X", "int"), _record("b.X", "string", "R")], ["a.X", "b.X"], "float"),
)  # fmt: skip
"""Schemas by a digit in place of a schema's text."""


def avro(data: bytes) -> None:
    """The first line is a schema, or a digit that stands for one; the rest is a body. A payload of the language's
    values or DecodeError; in part it is what it is as a whole, but for texts that aren't UTF-8 where nobody reads."""
    head, _, body = data.partition(b"\n")
    text = head.decode("utf-8", "replace")
    if text.isdecimal() and text.isascii():
        text = json.dumps(SCHEMAS[int(text[:9]) % len(SCHEMAS)])
    schema = Schema("avro", text)
    try:
        whole, part = body_reader(schema, None), body_reader(schema, SHAPE)
    except SchemaError as error:
        assert 0 < len(str(error)) < 500
        return
    seen = _outcome(whole, body)
    assert repr(seen) == repr(_outcome(whole, body))
    parts = _outcome(part, body)
    if isinstance(seen, DecodeError):
        assert isinstance(parts, DecodeError) or "UTF-8" in str(seen)
    else:
        _of_the_language(seen)
        assert not too_deep(seen)
        assert _seen(parts, SHAPE) == _seen(seen, SHAPE)


def _outcome(reader: AvroBodyReader, body: bytes) -> object:
    try:
        return reader.read(body)
    except DecodeError as error:
        assert 0 < len(str(error)) < 150
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

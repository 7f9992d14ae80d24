"""Any value of any schema, written by another implementation, is read exactly; in part as if it were whole."""

# ruff: noqa: PT017 - what is caught is what is looked at
from __future__ import annotations

import io
import json
import math
import random
import struct
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import fastavro
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.decoding.avro_format import body_reader
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema

Draw = Callable[..., Any]


@dataclass
class Sample:
    """A schema with one value of it: as fastavro writes it, and as rules see it."""

    schema: Any
    given: Any
    seen: Any
    branch: str


def number(value: float) -> object:
    if math.isfinite(value):
        return Decimal(repr(value))
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def single(value: float) -> object:
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    if not math.isfinite(value):
        return number(value)
    for text in texts:
        near = float(text)
        if abs(near) <= 3.4028235677973366e38 and struct.unpack("f", struct.pack("f", near))[0] == value:
            return Decimal(repr(near))
    raise AssertionError(value)


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def named(strategy: Any, see: Callable[[Any], object], schema: Any, branch: str) -> Any:
    return strategy.map(lambda value: Sample(schema, value, see(value), branch))


def same(value: object) -> object:
    return value


def time_of(micros: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


TIME = {"type": "long", "logicalType": "timestamp-micros"}

SCALARS: list[Any] = [
    named(st.none(), same, "null", "null"),
    named(st.booleans(), same, "boolean", "boolean"),
    named(st.integers(-(2**31), 2**31 - 1), same, "int", "int"),
    named(st.integers(-(2**63), 2**63 - 1), same, "long", "long"),
    named(st.floats(width=32), single, "float", "float"),
    named(st.floats(), number, "double", "double"),
    named(st.binary(max_size=200), base64, "bytes", "bytes"),
    named(st.text(max_size=100), same, "string", "string"),
    named(st.integers(-62 * 10**15, 25 * 10**16).map(time_of), same, TIME, "long"),
]


@st.composite
def samples(draw: Draw, depth: int = 3, names: Any = None) -> Sample:
    """Any schema, with a value."""
    names = names if names is not None else iter(range(10**6))
    compounds = [lists, records, records, unions, unions] if depth else []
    kind = draw(st.sampled_from([*SCALARS, decimals(), fixeds(names), enums(names), *compounds]))
    made: Sample = draw(kind(depth, names) if callable(kind) else kind)
    return made


@st.composite
def decimals(draw: Draw) -> Sample:
    unscaled, scale = draw(st.integers(-(10**29), 10**29)), draw(st.integers(0, 30))
    value = Decimal(f"{unscaled}E-{scale}")
    return Sample({"type": "bytes", "logicalType": "decimal", "precision": 30, "scale": scale}, value, value, "bytes")


@st.composite
def fixeds(draw: Draw, names: Any) -> Sample:
    size, name = draw(st.integers(1, 300)), f"F{next(names)}"
    value = draw(st.binary(min_size=size, max_size=size))
    return Sample({"type": "fixed", "name": name, "size": size}, value, base64(value), name)


@st.composite
def enums(draw: Draw, names: Any) -> Sample:
    symbols, name = [f"S{each}" for each in range(draw(st.sampled_from([1, 2, 64, 65, 200])))], f"E{next(names)}"
    value = draw(st.sampled_from(symbols))
    return Sample({"type": "enum", "name": name, "symbols": symbols}, value, value, name)


@st.composite
def lists(draw: Draw, depth: int, names: Any) -> Sample:
    inner = draw(samples(depth - 1, names))
    if draw(st.booleans()):
        count = draw(st.sampled_from([0, 1, 3, 70]))
        schema = {"type": "array", "items": inner.schema}
        return Sample(schema, [inner.given] * count, [inner.seen] * count, "array")
    keys = draw(st.lists(st.text(max_size=5), unique=True, max_size=3))
    schema = {"type": "map", "values": inner.schema}
    return Sample(schema, dict.fromkeys(keys, inner.given), dict.fromkeys(keys, inner.seen), "map")


@st.composite
def records(draw: Draw, depth: int, names: Any) -> Sample:
    fields = {f"f{each}": draw(samples(depth - 1, names)) for each in range(draw(st.integers(0, 5)))}
    name = f"R{next(names)}"
    listed = [{"name": field, "type": each.schema} for field, each in fields.items()]
    return Sample(
        {"type": "record", "name": name, "fields": listed},
        {field: each.given for field, each in fields.items()},
        {field: each.seen for field, each in fields.items()},
        name,
    )


@st.composite
def unions(draw: Draw, depth: int, names: Any) -> Sample:
    branches: dict[str, Sample] = {}
    for _ in range(draw(st.integers(1, 4))):
        each = draw(samples(depth - 1, names).filter(lambda each: not isinstance(each.schema, list)))
        branches.setdefault(each.branch, each)
    chosen = draw(st.sampled_from(list(branches.values())))
    records = [each for each in branches.values() if isinstance(each.schema, dict) and each.schema["type"] == "record"]
    seen = {"@type": chosen.branch, **chosen.seen} if len(records) > 1 and chosen in records else chosen.seen
    value = None if chosen.given is None else (chosen.branch, chosen.given)
    return Sample([each.schema for each in branches.values()], value, seen, "union")


def shape_of(value: object, chance: random.Random) -> Shape | None:
    """What somebody could read of a value."""
    if not isinstance(value, dict) or chance.random() < 0.2:
        return None
    return {name: shape_of(inner, chance) for name, inner in value.items() if chance.random() < 0.6}


def part(value: Any, shape: Shape | None) -> object:
    """What somebody sees who looks at nothing but this shape."""
    if shape is None or not isinstance(value, dict):
        return value
    return {name: part(value[name], inner) for name, inner in shape.items() if name in value}


def body_of(sample: Sample) -> bytes:
    if sample.schema == "bytes":
        return bytes(sample.given)
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(sample.schema), sample.given)
    return out.getvalue()


@settings(max_examples=150, deadline=None)
@given(samples(), st.randoms(use_true_random=False))
def test_what_another_implementation_writes_is_read_exactly(sample: Sample, chance: random.Random) -> None:
    schema, body = Schema("avro", json.dumps(sample.schema)), body_of(sample)
    seen = body_reader(schema, None).read(body)
    assert seen == sample.seen
    shape = shape_of(seen, chance)
    assert part(body_reader(schema, shape).read(body), shape) == part(seen, shape)


@settings(max_examples=150, deadline=None)
@given(samples(), st.randoms(use_true_random=False))
def test_any_bytes_are_read_in_part_as_if_they_were_whole(sample: Sample, chance: random.Random) -> None:
    schema, body = Schema("avro", json.dumps(sample.schema)), bytearray(body_of(sample))
    whole, shape = body_reader(schema, None), shape_of(sample.seen, chance)
    parts = body_reader(schema, shape)
    for _ in range(5):
        at = chance.randint(0, len(body))
        body[at : at + chance.randint(0, 2)] = chance.randbytes(chance.randint(0, 2))
        seen = outcome(whole.read, bytes(body))
        if not isinstance(seen, DecodeError):
            assert part(parts.read(bytes(body)), shape) == part(seen, shape)
        elif "UTF-8" not in str(seen):
            assert isinstance(outcome(parts.read, bytes(body)), DecodeError)
        for cut in {0, len(body) // 2, max(0, len(body) - 1)}:
            outcome(parts.read, bytes(body[:cut]))


def outcome(read: Callable[[bytes], object], body: bytes) -> object:
    try:
        return read(body)
    except DecodeError as error:
        assert 0 < len(str(error)) < 150
        return error

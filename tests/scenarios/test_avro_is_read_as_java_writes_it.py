"""What Java's Avro writes, which producers use, is read exactly: whole, in part, and in its blocks."""

from __future__ import annotations

import json
import random
import struct
from typing import Any

from greenflash_kafka.decoding.avro_format import body_reader
from greenflash_kafka.model.schema import Schema
from tests.avro.java import random_bodies
from tests.unit.decoding.test_avro_reader import number, part, shape_of, single

VALUES = 60


def record(name: str, /, **fields: object) -> dict[str, object]:
    return {"type": "record", "name": name, "fields": [{"name": each, "type": kind} for each, kind in fields.items()]}


ENUM = {"type": "enum", "name": "E", "symbols": [f"S{each}" for each in range(100)]}
SCALARS = record(
    "Scalars",
    a="boolean", b="int", c="long", d="float", e="double", f="bytes", g="string", h=ENUM,
    i={"type": "fixed", "name": "F", "size": 20}, j="null", k=["null", "string"], l=["long", "null"],
)  # fmt: skip
UNION = ["null", "double", "long", "bytes", "string", {"type": "array", "items": "int"}, ENUM]
EVENTS = [record("a.Event", x="int"), record("b.Event", y="string")]
SCHEMAS = [
    *("int", "long", "float", "double", "string", ["null", "string"]),
    SCALARS,
    {"type": "array", "items": SCALARS},
    {"type": "map", "values": {"type": "array", "items": UNION}},
    record("Outer", one=SCALARS, many={"type": "array", "items": "Scalars"}, two=record("Inner", x=UNION, y="Scalars")),
    record("R", any=[*EVENTS, "null"], list={"type": "array", "items": ["a.Event", "b.Event"]}),
    record("Tree", text="string", children={"type": "array", "items": "Tree"}, parent=["null", "Tree"]),
]  # fmt: skip


def meant(value: Any) -> object:
    """What rules are to see of what the program says."""
    if isinstance(value, dict):
        return {name: meant(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [meant(inner) for inner in value]
    if not isinstance(value, str):
        return value
    kind, _, text = value.partition(":")
    if kind == "single":
        return single(struct.unpack("<f", int(text).to_bytes(4, "little"))[0])
    return number(struct.unpack("<d", int(text).to_bytes(8, "little"))[0]) if kind == "double" else text


def test_avro_is_read_as_java_writes_it() -> None:
    chance = random.Random(17)
    bodies = random_bodies(SCHEMAS, VALUES)
    assert len(bodies) == VALUES * len(SCHEMAS)
    for given, body, value in bodies:
        schema, expected = Schema("avro", json.dumps(given)), meant(value)
        assert body_reader(schema, None).read(body) == expected
        shape = shape_of(expected, chance)
        assert part(body_reader(schema, shape).read(body), shape) == part(expected, shape)

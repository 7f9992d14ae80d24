"""A case's data, written by the schema, is read as the same data; what doesn't fit is said with its place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings

from greenflash_kafka.decoding.avro_format import body_reader
from greenflash_kafka.decoding.avro_writer import encode
from greenflash_kafka.decoding.encode_error import EncodeError
from greenflash_kafka.model.schema import Schema
from tests.unit.decoding.test_avro_reader import Sample, samples


def schema(given: object) -> Schema:
    """A schema of a JSON value."""
    return Schema("avro", json.dumps(given))


def record(*fields: tuple[str, object] | tuple[str, object, object], name: str = "R") -> dict[str, object]:
    """The schema of a record; a field's third part is its default."""
    named = (
        {"name": field[0], "type": field[1], **dict(zip(["default"], field[2:], strict=False))} for field in fields
    )
    return {"type": "record", "name": name, "fields": list(named)}


def through(given: object, payload: object) -> object:
    """What rules see of a payload."""
    return body_reader(schema(given), None).read(encode(schema(given), payload))


@settings(max_examples=100, deadline=None)
@given(samples())
def test_what_rules_see_is_written_as_what_they_see(sample: Sample) -> None:
    assert through(sample.schema, sample.seen) == sample.seen


LONG = "long"
MILLIS = {"type": LONG, "logicalType": "timestamp-millis"}
MICROS = {"type": LONG, "logicalType": "timestamp-micros"}
DECIMAL = {"type": "bytes", "connect.name": "org.apache.kafka.connect.data.Decimal"}
OWN_SCALE = {"connect.name": "io.debezium.data.VariableScaleDecimal"}
A, B = record(("a", "int"), name="A"), record(("b", "int"), name="B")
WHEN = "2026-11-20T10:00:00.5"


@pytest.mark.parametrize(
    ("kind", "value", "seen"),
    [
        (MILLIS, WHEN + "Z", datetime(2026, 11, 20, 10, 0, 0, 500_000, UTC)),
        (MICROS, "2026-11-20T12:00:00+02:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ({"type": LONG, "logicalType": "timestamp-nanos"}, WHEN + "Z", datetime(2026, 11, 20, 10, 0, 0, 500_000, UTC)),
        (MICROS, 9223372036825200000, 9223372036825200000),
        ({"type": LONG, "logicalType": "local-timestamp-millis"}, WHEN, WHEN),
        ({"type": LONG, "connect.name": "io.debezium.time.MicroTimestamp"}, WHEN, WHEN),
        ({"type": LONG, "connect.name": "io.debezium.time.NanoTimestamp"}, WHEN, WHEN),
        ({"type": "int", "logicalType": "date"}, "2026-11-20", "2026-11-20"),
        ({"type": "int", "connect.name": "org.apache.kafka.connect.data.Time"}, "14:30:00", "14:30:00"),
        ({"type": "bytes", "logicalType": "decimal", "scale": 2}, 299, Decimal("299.00")),
        ({"type": "bytes", "logicalType": "decimal", "scale": 2}, Decimal("-0.5"), Decimal("-0.50")),
        (
            {**DECIMAL, "connect.parameters": {"scale": "1"}},
            Decimal("0.1"), Decimal("0.1"),
        ),
        (
            {**record(("scale", "int"), ("value", "bytes"), name="V"), **OWN_SCALE},
            Decimal("12.50"), Decimal("12.50"),
        ),
        ({"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"},
         "00010203-0405-0607-0809-0a0b0c0d0e0f", "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        ({"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
         {"months": 1, "days": 2, "milliseconds": 3}, {"months": 1, "days": 2, "milliseconds": 3}),
        ("double", "NaN", "NaN"),
        ("float", Decimal("0.1"), Decimal("0.1")),
        ("long", Decimal("5.0"), 5),
        (["null", "double", "long"], 2**53 + 1, 2**53 + 1),
        (["null", "string"], None, None),
        ([A, record(("a", "int"), name="B")], {"@type": "B", "a": 1}, {"@type": "B", "a": 1}),
        ([A, B], {"b": 1}, {"@type": "B", "b": 1}),
    ],
)  # fmt: skip
def test_a_value_is_written_as_rules_see_it(kind: object, value: object, seen: object) -> None:
    assert through(record(("it", kind)), {"it": value}) == {"it": seen}


def test_what_a_payload_lacks_is_null_or_the_schemas_default() -> None:
    inner = record(("x", "int", 7), ("when", {"type": "long", "logicalType": "timestamp-millis"}, 0), name="I")
    given = record(
        ("none", ["string", "null"], "x"),
        ("text", "string", "d"),
        ("data", "bytes", "\u00ff"),
        ("union", ["string", "int"], "u"),
        ("inner", inner, {"x": 1}),
        ("list", {"type": "array", "items": "int"}, [1, 2]),
        ("map", {"type": "map", "values": "int"}, {"a": 1}),
    )
    assert through(given, {}) == {
        "none": None,
        "text": "d",
        "data": "/w==",
        "union": "u",
        "inner": {"x": 1, "when": datetime(1970, 1, 1, tzinfo=UTC)},
        "list": [1, 2],
        "map": {"a": 1},
    }


ORDER = record(
    ("id", "string"),
    ("total", {"type": "bytes", "logicalType": "decimal", "scale": 2}),
    ("status", {"type": "enum", "name": "Status", "symbols": ["OPEN", "PAID"]}),
    ("items", {"type": "array", "items": record(("n", "int"), ("at", ["null", MILLIS]), name="Item")}),
    ("any", [A, B, "null"]),
    name="Order",
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"id": 7}, "id: expected text, found a number"),
        ({"id": None}, "id: expected text, found nothing"),
        ({"total": "x"}, "total: expected a number, found text"),
        ({"total": Decimal("0.001")}, "total: the schema's numbers have 2 digits after the point, this one has more"),
        ({"total": Decimal("1E-99999999")}, "total: the schema's numbers have 2 digits"),
        ({"total": Decimal("1E+99999999")}, "total: the number is larger than any"),
        ({"status": "PAYD"}, "status: `PAYD` is no symbol of Status: did you mean PAID?"),
        ({"items": {}}, "items: expected a list, found an object"),
        ({"items": [{"n": 1}, {"n": 2**31}]}, "items[1].n: the schema's numbers have 32 bits, this one has more"),
        ({"items": [{"n": True}]}, "items[0].n: expected a whole number, found true or false"),
        ({"items": [{"n": 1, "at": "2026-11-20"}]}, "items[0].at: the time has no zone"),
        ({"items": [{"n": 1, "at": "soon"}]}, "items[0].at: expected a time with its zone"),
        ({"items": [{"n": 1, "at": "2026-11-20T10:00:00.0001Z"}]}, "items[0].at: the schema's times have milliseconds"),
        ({"items": [{}]}, "items[0].n: is missing, and the schema has no default for it (int)"),
        ({"any": "x"}, "any: expected one of A, B, null, found text"),
        ({"any": {"@type": "B", "a": 1}}, "any.a: B has no such field"),
        ({"totl": 1}, "totl: Order has no such field: did you mean total?"),
    ],
)
def test_what_does_not_fit_is_said_with_its_place(change: dict[str, object], text: str) -> None:
    fits = {"id": "o-1", "total": Decimal("1.5"), "status": "PAID", "items": []}
    assert through(ORDER, fits) == {**fits, "any": None}
    with pytest.raises(EncodeError) as refused:
        encode(schema(ORDER), {**fits, **change})
    assert text in str(refused.value)


@pytest.mark.parametrize("payload", [None, 7, "x", [], True, Decimal("0.1"), {"id": {}}])
def test_a_payload_that_is_no_such_record_is_refused(payload: object) -> None:
    with pytest.raises(EncodeError):
        encode(schema(ORDER), payload)
    with pytest.raises(EncodeError):
        encode(schema("bytes"), {"a": payload})

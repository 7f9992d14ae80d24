"""Bodies of Avro are read exactly or refused, whatever the bytes are."""

# ruff: noqa: PT017 - what is caught is what is looked at
from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import fastavro
import pytest

from greenflash_kafka.decoding.avro_format import body_reader
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema
from tests.debezium.recorded import MODES, recorded, schemas


def read(schema: object, body: bytes, shape: Shape | None = None) -> Any:
    """What a rule sees of a body."""
    return body_reader(Schema("avro", json.dumps(schema)), shape).read(body)


def record(*fields: tuple[str, object], name: str = "R") -> dict[str, object]:
    """The schema of a record."""
    return {"type": "record", "name": name, "fields": [{"name": field, "type": kind} for field, kind in fields]}


def written(schema: Any, value: object) -> bytes:
    """A body as fastavro writes it."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()


LIST = record(("n", ["null", "R"]))
"""A schema that refers to itself: CloudEvents' own is such a one."""


@pytest.mark.parametrize(
    ("schema", "body", "value"),
    [
        ("null", b"", None),
        ("boolean", b"\x01", True),
        ("int", b"\x01", -1),
        ("int", b"\xff\xff\xff\xff\x0f", -(2**31)),
        ("long", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", -(2**63)),
        ("long", b"\x80\x00", 0),
        # Single and double by their shortest texts, each at its own width.
        ("float", b"\xcd\xcc\xcc\x3d", Decimal("0.1")),
        ("double", b"\x9a\x99\x99\x99\x99\x99\xb9\x3f", Decimal("0.1")),
        ("double", b"\0\0\0\0\0\0\xf8\x7f", "NaN"),
        ("float", b"\0\0\x80\xff", "-Infinity"),
        ("string", b"\x04\xc3\xa9", "é"),
        ({"type": "string", "avro.java.string": "String"}, b"\x02a", "a"),
        ({"type": "string", "logicalType": "uuid"}, b"\x02a", "a"),
        (record(("b", "bytes")), b"\x04\xfb\xff", {"b": "+/8="}),
        ({"type": "fixed", "name": "F", "size": 2}, b"\xfb\xff", "+/8="),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, b"\x02", "B"),
        ({"type": "array", "items": "int"}, b"\x02\x02\x01\x02\x04\0", [1, 2]),
        ({"type": "map", "values": "int"}, b"\x02\x02a\x02\0", {"a": 1}),
        (["null", "string"], b"\0", None),
        (["null", "string"], b"\x02\x02a", "a"),
        (["null", "string"], b"\x82\0\x02a", "a"),
        (["string", "long"], b"\x02\x02", 1),
        # A schema that is just "bytes" has its body without a length.
        ("bytes", b"\xfb\xff", "+/8="),
        ({"type": "long", "logicalType": "timestamp-millis"}, b"\0", datetime(1970, 1, 1, tzinfo=UTC)),
        ({"type": "long", "logicalType": "timestamp-micros"}, b"\x02", datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
        ({"type": "long", "logicalType": "timestamp-nanos"}, b"\x02", datetime(1970, 1, 1, tzinfo=UTC)),
        ({"type": "long", "logicalType": "local-timestamp-millis"}, b"\0", "1970-01-01T00:00:00"),
        ({"type": "long", "logicalType": "local-timestamp-micros"}, b"\x02", "1970-01-01T00:00:00.000001"),
        ({"type": "long", "logicalType": "local-timestamp-nanos"}, b"\x02", "1970-01-01T00:00:00"),
        ({"type": "int", "logicalType": "date"}, b"\x02", "1970-01-02"),
        ({"type": "int", "logicalType": "time-millis"}, b"\x02", "00:00:00.001"),
        ({"type": "long", "logicalType": "time-micros"}, b"\x02", "00:00:00.000001"),
        (
            {"type": "fixed", "name": "D", "size": 12, "logicalType": "duration"},
            b"\x01\0\0\0\x02\0\0\0\x03\0\0\0",
            {"months": 1, "days": 2, "milliseconds": 3},
        ),
        (
            {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"},
            bytes(range(16)),
            "00010203-0405-0607-0809-0a0b0c0d0e0f",
        ),
        ({"type": "fixed", "name": "M", "size": 3, "logicalType": "decimal", "scale": 2}, b"\x01\xe2\x40", 1234.56),
        # A logical type that this type can't have is none.
        ({"type": "string", "logicalType": "timestamp-millis"}, b"\x02a", "a"),
        ({"type": "long", "logicalType": "of-ours"}, b"\x02", 1),
        ({"type": "fixed", "name": "D", "size": 2, "logicalType": "duration"}, b"\0\0", "AAA="),
    ],
)
def test_a_rule_sees_the_value_that_the_schema_means(schema: object, body: bytes, value: object) -> None:
    seen = read(schema, body)
    assert seen == (Decimal(str(value)) if isinstance(value, float) else value)
    assert not isinstance(seen, float)


@pytest.mark.parametrize(
    ("schema", "body", "value"),
    [
        # Each of these fastavro 1.13.1 raises on, or reads wrong; docs/decisions/0031.
        (
            record(("d", {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2})),
            b"\x06\x01\xe2\x40",
            {"d": Decimal("1234.56")},
        ),
        (record(("d", {"type": "bytes", "logicalType": "decimal"})), b"\x02\x05", {"d": Decimal(5)}),
        (
            {"type": "long", "logicalType": "timestamp-micros"},
            b"\xff\xff\x9f\xbc\xb9\xd5\xd8\xfb\xff\x01",
            -9223372036832400000,
        ),
        ({"type": "int", "logicalType": "date"}, b"\xfe\xff\xff\xff\x0f", 2**31 - 1),
        ({"type": "string", "logicalType": "uuid"}, b"\x06abc", "abc"),
    ],
)
def test_what_another_library_rounds_or_refuses_is_read(schema: object, body: bytes, value: object) -> None:
    if isinstance(value, int) and value < 0:
        body = written("long", value)
    assert read(schema, body) == value


@pytest.mark.parametrize(
    ("schema", "body", "text"),
    [
        (["int", "string"], b"\x01\x02", "a union has no branch -1"),
        (["int", "string"], b"\x0e", "a union has no branch 7"),
        (["null", "string"], b"\x01", "a union has no branch -1"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, b"\x01", "an enum has no symbol -1"),
        ({"type": "enum", "name": "E", "symbols": ["A", "B"]}, b"\x80\x02", "an enum has no symbol 128"),
        ("boolean", b"\x07", "a boolean is neither 0 nor 1"),
        ("long", b"\x80" * 10 + b"\x01", "a number has more than 64 bits"),
        ("long", b"\x80" * 9 + b"\x02", "a number has more than 64 bits"),
        ("int", b"\x80\x80\x80\x80\x80\x80\x01", "an int has more than 32 bits"),
        ("int", b"\x80\x80\x80\x80\x10", "an int has more than 32 bits"),
        ("string", b"\x01", "a text has a negative length"),
        (record(("b", "bytes")), b"\x01", "bytes have a negative length"),
        ("string", b"\x0aab", "ends 3 bytes early"),
        ("string", b"\x04a", "ends 1 byte early"),
        ("string", b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f", "ends early: the length of a text is larger than"),
        ("string", b"\x02\xff", "a text isn't UTF-8"),
        ("string", b"\x06a\xc3", "ends early, or its last text isn't UTF-8"),
        ("double", b"\0\0", "ends before it is complete"),
        ("long", b"", "ends before it is complete"),
        ("long", b"\x80", "ends before it is complete"),
        ({"type": "fixed", "name": "F", "size": 3}, b"ab", "ends before it is complete"),
        ("long", b"\0" * 18, "17 bytes too many: is this the right registry?"),
        ("null", b"a", "1 byte too many"),
    ],
)
@pytest.mark.parametrize("is_read", [True, False])
def test_bytes_that_are_no_value_are_refused_whether_they_are_read_or_not(
    schema: object, body: bytes, text: str, is_read: bool
) -> None:
    with pytest.raises(DecodeError) as alone:
        read(schema, body)
    assert text in str(alone.value)
    assert len(str(alone.value)) < 150
    around = record(("before", "long"), ("it", schema), name="Around")
    if "UTF-8" in text and not is_read:
        return
    with pytest.raises(DecodeError):
        read(around, b"\x02" + body, {"it": None} if is_read else {"before": None})


@pytest.mark.parametrize("shape", [None, {}, {"n": None}, {"n": {"n": None}}])
def test_a_message_nested_without_end_is_refused_not_a_crash(shape: Shape | None) -> None:
    assert read(LIST, b"\x02" * 199 + b"\0", shape) is not None
    for levels in (200, 5_000, 1_000_000):
        with pytest.raises(DecodeError, match="nested more than 200 levels deep"):
            read(LIST, b"\x02" * levels + b"\0", shape)


def test_nesting_is_counted_for_each_message() -> None:
    reader = body_reader(Schema("avro", json.dumps(LIST)), None)
    for _ in range(3):
        with pytest.raises(DecodeError):
            reader.read(b"\x02" * 300)
        assert reader.read(b"\x02\0") == {"n": {"n": None}}
    tree = record(("children", {"type": "array", "items": "R"}))
    assert len(read(tree, b"\xc8\x01" + b"\0" * 101)["children"]) == 100


def test_a_schema_that_refers_to_itself_reads_bodies_of_any_length() -> None:
    """CloudEvents' own is such a one: its data is a value of JSON."""
    value = record(("value", ["null", "double", "string", {"type": "map", "values": "V"}]), name="V")
    body = b"\x06\xc8\x01" + b"".join(b"\x06%03d\x04\x50" % n + b"x" * 40 for n in range(100)) + b"\0"
    payload = read(value, body)
    assert payload["value"]["099"] == {"value": "x" * 40}
    assert read(value, body, {}) == {}


@pytest.mark.parametrize("name", [f"{mode}-avro" for mode in (*MODES, "flat", "outbox", "outbox-expanded")])
def test_what_debezium_wrote_is_read(name: str) -> None:
    bodies = [body for each in recorded(name) for body in (each.key, each.value) if body is not None]
    assert len(bodies) > 10
    for body in bodies:
        schema = schemas()[int.from_bytes(body[1:5], "big")]
        payload: Any = body_reader(schema, None).read(body[5:])
        parts = dict.fromkeys(list(payload)[::2]) if isinstance(payload, dict) else {}
        if parts:
            assert body_reader(schema, parts).read(body[5:]) == {field: payload[field] for field in parts}


HUGE = b"\x80\x80\x80\x80\x10"
"""2^31 as the count of a list's first block."""


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": "null"},
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 0}},
        {"type": "array", "items": {"type": "fixed", "name": "F", "size": 8}},
        {"type": "array", "items": record(name="I")},
        {"type": "array", "items": record(*((f"f{n}", "null") for n in range(900)), name="I")},
        {"type": "array", "items": [record(*((f"f{n}", "null") for n in range(900)), name="I"), "null"]},
        {"type": "array", "items": "double"},
        {"type": "map", "values": "null"},
        {"type": "array", "items": {"type": "array", "items": "null"}},
    ],
)
@pytest.mark.parametrize("body", [HUGE, HUGE + b"\0" * 1_000, b"\xff\xff\xff\xff\x1f\x02", b"\xe8\x07" + b"\0" * 1_000])
def test_lists_of_any_length_take_little_time_and_memory(schema: object, body: bytes) -> None:
    for shape in (None, {"other": None}):
        reader = body_reader(Schema("avro", json.dumps(record(("list", schema), ("other", "null")))), shape)
        tracemalloc.start()
        began = time.process_time()
        try:
            reader.read(body)
        except DecodeError as error:
            assert len(str(error)) < 150
        taken, memory = time.process_time() - began, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # 10 ms, and what tracing and a busy machine add.
        assert taken < 0.1
        assert memory < 10_000_000


@pytest.mark.parametrize("shape", [None, {}])
@pytest.mark.parametrize("branches", [["null", "I"], ["I", "null"], ["null", "int", "I"]])
def test_values_that_take_no_bytes_are_counted_whether_they_are_read_or_not(
    branches: list[object], shape: Shape | None
) -> None:
    inner = record(*((f"f{n}", "null") for n in range(900)), ("b", "boolean"), name="I")
    schema = record(("list", {"type": "array", "items": [inner if each == "I" else each for each in branches]}))
    item = bytes([2 * branches.index("I")]) + b"\x01"
    assert read(schema, b"\x02" + item + b"\0", shape) is not None
    with pytest.raises(DecodeError, match="more values than are read of so many bytes"):
        read(schema, b"\x90\x03" + item * 200 + b"\0", shape)


def test_records_of_records_that_take_no_bytes_are_no_schema() -> None:
    """A few lines of a schema could make a billion values of no bytes at all."""
    inner: object = "null"
    references = []
    for level in range(30):
        name = f"L{level}"
        references.append((name, json.dumps(record(("a", inner), ("b", inner), name=name))))
        inner = name
    with pytest.raises(SchemaError, match="parts that take no bytes"):
        body_reader(Schema("avro", json.dumps(record(("top", inner))), tuple(references)), None)


def test_of_several_records_a_union_says_which_one_it_is() -> None:
    paid, sent = record(("id", "int"), name="a.Event"), record(("at", "int"), ("by", "string"), name="b.Event")
    union = record(("one", ["null", paid]), ("many", ["null", "a.Event", sent]))
    body = written(union, {"one": {"id": 1}, "many": ("b.Event", {"at": 2, "by": "x"})})
    assert read(union, body) == {"one": {"id": 1}, "many": {"@type": "b.Event", "at": 2, "by": "x"}}
    assert read(union, body, {"many": {"at": None}}) == {"many": {"@type": "b.Event", "at": 2}}
    assert read([paid, sent], b"\x02\x04\x02x") == {"@type": "b.Event", "at": 2, "by": "x"}


def test_branches_are_told_apart_by_number_alone() -> None:
    """A reader's schema in fastavro takes the first branch that could be meant: 2^53 + 1 becomes a double there."""
    union = record(("skipped", "int"), ("v", ["null", "double", "long"]))
    assert read(union, b"\0" + written(["null", "double", "long"], ("long", 2**53 + 1)), {"v": None}) == {
        "v": 2**53 + 1
    }
    assert read(record(("skipped", "int"), ("v", ["bytes", "string"])), b"\0\x02\x02a", {"v": None}) == {"v": "a"}


def test_what_the_writers_schema_lacks_is_missing() -> None:
    assert read(record(("a", "int")), b"\x02", {"a": {"deep": None}, "b": None}) == {"a": 1}


@pytest.mark.parametrize(
    ("schema", "body", "value"),
    [
        ({"type": "long", "connect.name": "io.debezium.time.MicroTimestamp"}, b"\0", "1970-01-01T00:00:00"),
        ({"type": "int", "connect.name": "io.debezium.time.Date"}, b"\x02", "1970-01-02"),
        (
            {"type": "bytes", "connect.name": "org.apache.kafka.connect.data.Decimal",
             "connect.parameters": {"scale": "2"}},
            b"\x02\x0a", Decimal("0.10"),
        ),
        (
            {**record(("scale", "int"), ("value", "bytes"), name="V"),
             "connect.name": "io.debezium.data.VariableScaleDecimal"},
            b"\x04\x02\x0a", Decimal("0.10"),
        ),
        ({"type": "string", "connect.name": "io.debezium.data.Json"}, b"\x04{}", "{}"),
        ({"type": "bytes", "connect.name": "of.ours"}, b"\x02\x0a", "Cg=="),
    ],
)  # fmt: skip
def test_types_of_kafka_connect_are_what_they_mean(schema: object, body: bytes, value: object) -> None:
    assert read(record(("x", schema)), body) == {"x": value}
    assert read(record(("x", ["null", schema])), b"\x02" + body, {"x": {"scale": None}}) == {"x": value}


def test_the_reader_knows_the_name_of_the_roots_type() -> None:
    named = {**record(("a", "int"), name="Paid"), "namespace": "com.acme"}
    assert body_reader(Schema("avro", json.dumps(named)), None).name == "com.acme.Paid"
    assert body_reader(Schema("avro", '"string"'), None).name == "string"


def test_a_message_larger_than_any_is_refused() -> None:
    with pytest.raises(DecodeError, match="more than the"):
        read("bytes", bytes(33 * 1024 * 1024))


def test_json_alone_imports_no_other_format() -> None:
    """`run` has all that `build` and `evaluate` import; the libraries of other formats wait for their first schema."""
    program = (
        "import sys, greenflash_kafka.app.build, greenflash_kafka.evaluate, greenflash_kafka.decoding.decoders as d\n"
        "from greenflash_kafka.model.message import Message\n"
        "assert d.DECODERS.decoder('t', None)(Message('t', 0, 0, value=b'{}')) == {}\n"
        "libraries = {'fastavro', 'google.protobuf', 'grpc_tools'} | {'greenflash_kafka.decoding.avro_format'}\n"
        "assert not libraries & set(sys.modules), libraries & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)

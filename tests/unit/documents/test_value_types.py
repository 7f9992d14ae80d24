"""Plain values of a closed file read as what they have to be; all else is a finding at its place."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Key, MapType, RecordType, SchemaType, Values
from greenflash_kafka.documents.value_types import AnyTextType, FormsType, InstantType, IntegerType, Json, JsonType
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map, Node, Scalar


def value(text: str) -> tuple[Node, FileReport]:
    report = FileReport("f.yaml")
    root = parse(f"x: {text}\n".encode(), report)
    assert isinstance(root, Map)
    return root.entries[0].value, report


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (AnyTextType(), '"5"', "5"),
        (AnyTextType(), '"= ${X}"', "= ${X}"),
        (AnyTextType(null=True), "null", None),
        (IntegerType(), "5", 5),
        (InstantType("x"), '"2026-11-18T12:06:41+01:00"', datetime(2026, 11, 18, 11, 6, 41, tzinfo=UTC)),
        (InstantType("x"), '"2026-11-18"', datetime(2026, 11, 18, tzinfo=UTC)),
    ],
)
def test_what_is_right_is_read(kind: SchemaType, text: str, expected: object) -> None:
    node, report = value(text)
    read = kind.read(node, report)
    assert (read.value if isinstance(read, Scalar) else read) == expected
    assert report.findings == ()


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        (AnyTextType(), "5", "wrong-type"),
        (AnyTextType(), "[a]", "wrong-type"),
        (AnyTextType(), "null", "wrong-type"),
        (IntegerType(), "true", "wrong-type"),
        (IntegerType(), "-1", "wrong-type"),
        (InstantType("x"), '"tomorrow"', "bad-time"),
    ],
)
def test_what_is_wrong_is_a_finding_over_all_of_the_value(kind: SchemaType, text: str, code: str) -> None:
    node, report = value(text)
    assert kind.read(node, report) is None
    (finding,) = report.findings
    assert (finding.code, finding.line, finding.column, finding.end_column) == (code, 1, 4, 4 + len(text))


def test_data_has_exact_numbers_in_their_shortest_way() -> None:
    node, report = value('{a: 0.1, b: [1, "1.10"], c: null}')
    assert JsonType().read(node, report) == Json({"a": Decimal("0.1"), "b": [1, "1.10"], "c": None})
    assert report.findings == ()
    node, report = value("1.10")
    JsonType().read(node, report)
    assert [each.code for each in report.findings] == ["bad-number"]


def test_keys_of_the_authors_choice_stand_beside_those_of_a_record() -> None:
    record = RecordType("a thing", (Key("id", AnyTextType(), "Its id.", True),), others=IntegerType())
    node, report = value("{id: a, any key: 5, other: b}")
    read = record.read(node, report)
    assert isinstance(read, Values)
    assert read.get("any key") == 5
    assert [each.code for each in report.findings] == ["wrong-type"]


def test_a_hint_names_all_keys_if_it_shall_and_none_is_near() -> None:
    keys = (Key("name", AnyTextType(), ""), Key("expect", AnyTextType(), ""))
    node, report = value("{nmae: a, zzz: b}")
    RecordType("a case", keys, listed=True).read(node, report)
    assert [each.hint for each in report.findings] == ["did you mean name?", "one of name, expect"]


def test_a_map_of_any_names_takes_paths() -> None:
    node, report = value("{a.b: 1, '[0]': 2}")
    read = MapType(IntegerType(), "a map", names=None).read(node, report)
    assert read is not None
    assert {name: number for name, (_, number) in read.items()} == {"a.b": 1, "[0]": 2}


def test_a_value_has_the_form_of_its_notation() -> None:
    forms = FormsType("a number or a map", IntegerType(), map=MapType(IntegerType(), "a map"))
    node, report = value("5")
    assert forms.read(node, report) == 5
    node, report = value("[5]")
    assert forms.read(node, report) is None
    assert [each.code for each in report.findings] == ["wrong-type"]
    assert forms.schema()["oneOf"] == [IntegerType().schema(), MapType(IntegerType(), "a map").schema()]

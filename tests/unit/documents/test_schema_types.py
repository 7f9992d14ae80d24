"""Types of values in a closed file: what each reads, and its JSON schema."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import (
    RULE_NAME,
    BooleanType,
    ChoiceType,
    ExpressionType,
    Key,
    ListType,
    MapType,
    RecordType,
    SchemaType,
    TextType,
    Values,
    VersionType,
)
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map

RECORD = RecordType(
    "a thing",
    (Key("name", RULE_NAME, "Its name.", True, "x"), Key("list", ListType(TextType(), "a list of texts"), "Texts.")),
    {"colour": "`colour` belongs elsewhere"},
)


def read(kind: SchemaType, text: str) -> tuple[object, list[str]]:
    report = FileReport("f.yaml")
    root = parse(f"x: {text}\n".encode(), report)
    assert isinstance(root, Map)
    found = kind.read(root.entries[0].value, report)
    return found, [f"{each.code}: {each.message} {each.hint}" for each in report.findings]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (TextType(), "abc"),
        (RULE_NAME, "a.b-c_1"),
        (BooleanType(), "false"),
        (ChoiceType(("auto", "json")), "json"),
        (VersionType(), "1"),
        (ListType(TextType(), "a list"), "[]"),
        (MapType(TextType(), "a map"), "{a: b}"),
        (ExpressionType(), "= payload.a"),
    ],
)
def test_what_is_right_is_read_without_a_finding(kind: SchemaType, text: str) -> None:
    found, findings = read(kind, text)
    assert found is not None
    assert findings == []


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (TextType(), "5", 'wrong-type: a text is expected here, not the number 5 quote it: "5"'),
        (TextType(), "${X}", "bad-env"),
        (TextType(), "= x", "an expression doesn't work here"),
        (RULE_NAME, "a b", "bad-name"),
        (BooleanType(), '"yes"', 'not the text "yes"'),
        (ChoiceType(("auto", "json")), "jsn", "did you mean json?"),
        (
            ChoiceType(("auto",), {"avro": "convert it"}),
            "avro",
            'not the text "avro" convert it',
        ),
        (VersionType(), "2", "bad-literal"),
        (ListType(TextType(), "a list", some=True), "[]", "not an empty list"),
        (ListType(TextType(), "a list"), "a", "write [a]"),
        (MapType(TextType(), "a map", frozenset(("item",))), "{item: x}", "a word of the language"),
        (MapType(TextType(), "a map"), "{a-b: x}", "bad-name"),
        (ExpressionType(), "[a]", "quotes"),
        (RECORD, "{list: []}", "missing-key: a thing needs `name` e.g. name: x"),
        (RECORD, "{name: a, colour: b}", "`colour` belongs elsewhere"),
        (RECORD, "{name: a, lst: []}", "did you mean list?"),
    ],
)
def test_what_is_wrong_is_one_finding(kind: SchemaType, text: str, said: str) -> None:
    _, findings = read(kind, text)
    assert len(findings) == 1
    assert said in findings[0]


def test_a_misspelled_key_is_read_as_what_it_means_and_not_said_to_be_missing() -> None:
    values, findings = read(RECORD, "{nme: a, list: [b]}")
    assert isinstance(values, Values)
    assert [each.split(":")[0] for each in findings] == ["unknown-key"]
    assert values.get("name") is not None
    assert values.misspelled == {"name"}
    assert values.has("name")


def test_the_json_schema_says_the_same() -> None:
    assert RECORD.schema() == {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"description": "Its name.", "type": "string", "pattern": "^(?:[A-Za-z0-9][A-Za-z0-9_.-]*)$"},
            "list": {"description": "Texts.", "type": "array", "items": {"type": "string"}},
        },
        "required": ["name"],
    }

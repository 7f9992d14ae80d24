"""Fields of `defaults` and `event`, checked and merged."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.mappings.event_fields import FieldReader, Merged
from greenflash_kafka.mappings.spec import DEFAULTS, EVENT
from greenflash_kafka.mappings.value_compiler import ValueCompiler


def merged(defaults: str, event: str) -> tuple[Merged, FileReport]:
    report = FileReport("f.yaml")
    read: list[Values | None] = []
    for kind, text in ((DEFAULTS, defaults), (EVENT, event)):
        node = parse(text.encode(), report)
        assert node is not None
        read.append(kind.read(node, report))
    compiler = ValueCompiler(report, Names(), {})
    return FieldReader(report).merge([("file", read[0], compiler), ("rule", read[1], compiler)]), report


def test_an_event_s_field_replaces_the_default_and_null_takes_it_away() -> None:
    fields, report = merged(
        "{event_type: a, influence: neutral, user_id: = payload.u}", "{event_type: b, user_id: null}"
    )
    assert report.findings == ()
    assert {name: one.layer for name, one in fields.single.items()} == {"event_type": "rule", "influence": "file"}


def test_properties_merge_by_name() -> None:
    fields, _ = merged("properties: {a: 1, b: 2, c: 3}", "properties: {b: x, c: null}")
    assert {name: one.layer for name, one in fields.properties.items()} == {"a": "file", "b": "rule"}
    assert merged("properties: {a: 1}", "properties: null")[0].properties == {}
    both, _ = merged("properties: = payload.all", "properties: {a: 1}")
    assert (len(both.whole), list(both.properties)) == (1, ["a"])


@pytest.mark.parametrize(
    ("event", "code", "hint"),
    [
        ("influence: good", "not-allowed", "write positive"),
        ("influence: postive", "not-allowed", "did you mean positive?"),
        ("external_user_id: 5", "not-allowed", 'quote it: "5"'),
        ("product_id: payload.x", "not-allowed", "an expression begins with =: = payload.x"),
        ("value: [1]", "wrong-type", ""),
        ('event_at: "= 5 + payload.a"', "wrong-type", 'write time(..., "s")'),
        ('external_user_id: "= payload.a + 5"', "wrong-type", "write text(...)"),
        ("event_at: tomorrow", "bad-time", "an expression begins with ="),
        ("insert_id: x", "constant-id", "use what tells one fact from the next, e.g. = payload.id"),
        ("quality_impact_score: 1.5", "not-allowed", ""),
        ("properties: x", "wrong-type", ""),
    ],
)
def test_what_cannot_stand_in_a_field(event: str, code: str, hint: str) -> None:
    fields, report = merged("{}", event)
    assert [(each.code, each.hint) for each in report.findings] == [(code, hint)]
    assert fields.fields.expressions == ()


def test_a_field_with_a_mistake_is_not_said_to_be_missing_and_a_misspelled_one_is_read() -> None:
    fields, _ = merged("{}", "{value: = nope, influnce: neutral}")
    assert fields.failed == {"value"}
    assert list(fields.single) == ["influence"]

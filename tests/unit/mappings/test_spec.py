"""The closed file: words of it that stand in a wrong place are told where they belong."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import RecordType
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.mappings.spec import EVENT, FILE, RULE, SOURCE


@pytest.mark.parametrize(
    ("record", "text", "hint"),
    [
        (RULE, "{name: r, event: {}, defaults: {}}", "`defaults` belong to the file, beside `rules`"),
        (RULE, "{name: r, event: {}, value: 1}", "`value` belongs under `event`"),
        (EVENT, "{eventType: x}", "write event_type"),
        (SOURCE, "{topics: [t], formt: json}", "did you mean format?"),
        (FILE, "{version: 1, source: {topics: [t]}, rule: []}", "did you mean rules?"),
    ],
)
def test_an_unknown_key_is_told_what_was_meant(record: RecordType, text: str, hint: str) -> None:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    record.read(node, report)
    assert (report.findings[0].code, report.findings[0].hint) == ("unknown-key", hint)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{topics: [t], format: csv}", "have messages converted"),
        ("{topics: [t], key: avro}", "write auto"),
        ("{topics: [t], envelope: connect}", "leave envelope out"),
        ("{topics: [t], envelope: outbox}", "write none"),
        ("{topics: [t], envelope: cloudevent}", "cloudevents"),
    ],
)
def test_what_another_tool_has_is_refused_with_what_to_do(text: str, hint: str) -> None:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    SOURCE.read(node, report)
    (finding,) = report.findings
    assert hint in finding.hint
    assert "yet" not in finding.message

"""The closed file: words of it that stand in a wrong place are told where they belong."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import RecordType
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.rules.spec import EVENT, FILE, RULE, SOURCE


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


@pytest.mark.parametrize("text", ["{topics: [t], format: avro}", "{topics: [t], envelope: debezium}"])
def test_what_does_not_work_yet_is_refused(text: str) -> None:
    report = FileReport("f.yaml")
    node = parse(text.encode(), report)
    assert node is not None
    SOURCE.read(node, report)
    assert [each.code for each in report.findings] == ["not-yet"]

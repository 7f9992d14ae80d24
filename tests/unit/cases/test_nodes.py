"""YAML nodes of a cases file read as what they have to be; all else is a finding at its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.cases import nodes
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map, Node


def value(text: str) -> tuple[Node, FileReport]:
    report = FileReport("f.yaml")
    root = parse(f"x: {text}\n".encode(), report)
    assert isinstance(root, Map)
    return root.entries[0].value, report


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (nodes.text, '"5"', "5"),
        (nodes.integer, "5", 5),
        (nodes.instant, '"2026-11-18T12:06:41+01:00"', datetime(2026, 11, 18, 11, 6, 41, tzinfo=UTC)),
        (nodes.instant, '"2026-11-18"', datetime(2026, 11, 18, tzinfo=UTC)),
    ],
)
def test_what_is_right_is_read(read: Callable[..., Any], text: str, expected: object) -> None:
    node, report = value(text)
    assert read(node, "x", report) == expected
    assert report.findings == ()


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (nodes.text, "5", "wrong-type"),
        (nodes.text, "[a]", "wrong-type"),
        (nodes.integer, "true", "wrong-type"),
        (nodes.integer, "-1", "wrong-type"),
        (nodes.instant, '"tomorrow"', "bad-time"),
        (nodes.items, "a", "wrong-type"),
    ],
)
def test_what_is_wrong_is_a_finding_over_all_of_the_value(read: Callable[..., Any], text: str, code: str) -> None:
    node, report = value(text)
    assert not read(node, "x", report)
    (finding,) = report.findings
    assert (finding.code, finding.line, finding.column, finding.end_column) == (code, 1, 4, 4 + len(text))


def test_unknown_keys_are_findings_with_what_was_probably_meant() -> None:
    node, report = value("{nmae: 1, expect: 2}")
    assert nodes.closed(node, ("name", "expect"), "a case", report) is node
    assert [(each.code, each.hint) for each in report.findings] == [("unknown-key", "did you mean name?")]


def test_data_has_exact_numbers_in_their_shortest_way() -> None:
    node, report = value('{a: 0.1, b: [1, "1.10"], c: null}')
    assert nodes.data(node, report) == {"a": Decimal("0.1"), "b": [1, "1.10"], "c": None}
    assert report.findings == ()
    node, report = value("1.10")
    nodes.data(node, report)
    assert [each.code for each in report.findings] == ["bad-number"]


def test_what_is_not_there_is_nothing_and_no_finding() -> None:
    report = FileReport("f.yaml")
    assert nodes.text(None, "x", report) is None
    assert nodes.items(None, "x", report) == ()
    assert nodes.closed(None, (), "x", report) is None
    assert report.findings == ()

"""A finding marks the stretch of the file that it is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE


@pytest.mark.parametrize(
    ("old", "new", "code", "marked"),
    [
        ("{type: x}", "{type: {gt: 1}}", "unknown-operator", "gt"),
        ("{type: x}", "{type: [x, [y, z]]}", "bad-literal", "[y, z]"),
        ("{type: x}", '{"user id": x}', "syntax", '"user id"'),
        ("{type: x}", "{type: {above: [1]}}", "bad-literal", "[1]"),
        ("{type: x}", "{kafka.topik: x}", "unknown-name", "kafka.topik"),
        ('value: "1"', "value: = payload.n + foo", "unknown-name", "foo"),
        ('value: "1"', "value: '= payload.n + \"it''s\" + foo'", "unknown-name", "foo"),
        ('value: "1"', "value: = uper(payload.n)", "unknown-function", "uper"),
        ('value: "1"', "value: = 1 / 0", "division-by-zero", "1 / 0"),
        ('value: "1"', "value: = payload.n + (1", "syntax", ""),
        (
            'value: "1"',
            "value: >\n        payload.n +\n        foo",
            "no-equals",
            ">\n        payload.n +\n        foo",
        ),
        ('value: "1"', "value: |\n        = payload.n +\n        foo", "unknown-name", "foo"),
        ('value: "1"', "value: [1, 2]", "wrong-type", "[1, 2]"),
        ("influence: neutral", "influence: good", "not-allowed", "good"),
        ("influence: neutral", "infuence: neutral", "unknown-key", "infuence"),
        ("influence: neutral", "influence: neutral\n      influence: neutral", "duplicate-key", "influence"),
        ("influence: neutral", "influence: &a neutral", "yaml-alias", "&a neutral"),
        ("[t]", '["a b"]', "bad-name", '"a b"'),
        ("      value: ", "      value:", "bad-yaml", "value"),
        ('value: "1"', 'value: = "a: b"', "yaml-quoting", '= "a: b"'),
        ('value: "1"', "value: ${NOT_SET}", "missing-env", "${NOT_SET}"),
        ("      event_type: e\n", "", "missing-field", "event"),
        ("version: 1\n", "", "missing-key", ""),
    ],
)
def test_what_is_marked(load_text: Callable[..., Loaded], old: str, new: str, code: str, marked: str) -> None:
    text = RULE.replace(old, new)
    found = [each for each in load_text(text).findings if each.code == code]
    assert found, code
    assert _marked(text, found[0]) == marked


def _marked(text: str, finding: Finding) -> str:
    lines = text.split("\n")[finding.line - 1 : finding.end_line]
    lines[-1] = lines[-1][: finding.end_column - 1]
    return "\n".join([lines[0][finding.column - 1 :], *lines[1:]])


def test_a_report_has_each_finding_once_in_the_order_of_the_file() -> None:
    report = FileReport("f.yaml")
    report.add(Place(2, 1, 2, 4), "unknown-key", "b")
    report.add(Place(1, 9, 1, 9), "missing-key", "a")
    report.add(Place(2, 1, 2, 4), "unknown-key", "b")
    assert [(each.line, each.message) for each in report.findings] == [(1, "a"), (2, "b")]
    assert report.failed
    assert report.findings[0].describe() == "f.yaml:1:9: error missing-key: a"


def test_advice_alone_is_no_failure() -> None:
    report = FileReport("f.yaml")
    report.add(Place(1, 1, 1, 2), "missing-influence", "a")
    assert not report.failed

"""Every line of tests/cases/when.yaml and when_more.yaml gives its result."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.rules.results import EvaluationResult

CASES = Path(__file__).parents[2] / "cases"
FILES = ("when.yaml", "when_more.yaml")
LINE = re.compile(r"^  - \{when: (?P<when>.*), (?:is: (?P<is>true|false)|refused: (?P<refused>[a-z-]+))(?P<rest>.*)\}")

FILE = """\
version: 1
source: {{topics: [t]}}
rules:
  - name: r
    when: {when}
    event:
      event_type: e
      product_id: ${{PRODUCT_ID}}
      influence: neutral
      value: "1"
"""


def plain(node: Node) -> object:
    if isinstance(node, Map):
        return {entry.key.text: plain(entry.value) for entry in node.entries}
    if isinstance(node, List):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    return node.value


def cases() -> list[tuple[str, re.Match[str]]]:
    lines = [(file, line) for file in FILES for line in (CASES / file).read_text().splitlines()]
    matches = [(file, LINE.match(line)) for file, line in lines if line.startswith("  - ")]
    assert None not in [match for _, match in matches]
    return [(file, match) for file, match in matches if match]


@cache
def payload(file: str) -> object:
    report = FileReport(file)
    root = parse((CASES / file).read_bytes(), report)
    assert isinstance(root, Map)
    node = root.get("payload")
    assert node is not None
    return plain(node)


@pytest.mark.parametrize(("file", "case"), cases(), ids=lambda one: one if isinstance(one, str) else one["when"])
def test_a_condition_gives_what_its_case_says(
    file: str, case: re.Match[str], load_text: Callable[..., Loaded], apply: Callable[..., EvaluationResult]
) -> None:
    text = FILE.format(when=case["when"])
    if case["refused"]:
        findings = load_text(text).findings
        assert [(finding.line, finding.code) for finding in findings] == [(5, case["refused"])]
        return
    applied = apply(text, payload(file))
    assert applied.problems == []
    assert len(applied.drafts) == (1 if case["is"] == "true" else 0)
    counted = re.search(r"counted: ([a-z-]+)", case["rest"])
    assert [count.code for count in applied.counts] == ([counted[1]] if counted else [])

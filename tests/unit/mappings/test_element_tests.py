"""`any`: one element of a list fulfils all lines; what can't be meant is a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

RULE = """\
version: 1
source: {topics: [t]}
rules:
  - name: r
    when:
      LINE
    event:
      event_type: a_b
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: 1
      insert_id: = payload.id
      external_user_id: = payload.id
"""
LINES = '"lines": [{"price": 0, "sku": "a"}, {"price": 7, "sku": "b", "codes": ["x"]}, {"sku": "c"}, 5]'
PAYLOAD = f'{{"id": "1", {LINES}, "tags": ["vip", "eu"], "nums": [1, "2", 3], "one": {{"price": 7}}, "empty": []}}'


def loaded(tmp_path: Path, line: str) -> Loaded:
    path = tmp_path / "m.yaml"
    path.write_text(RULE.replace("LINE", line))
    return load([path], {})


@pytest.mark.parametrize(
    ("line", "matches", "counted"),
    [
        ("lines: {any: {price: {above: 0}}}", True, 0),
        ("lines: {any: {price: {above: 7}}}", False, 0),
        ("lines: {any: {price: {above: 0}, sku: b}}", True, 0),
        ("lines: {any: {price: {above: 0}, sku: a}}", False, 0),
        ("lines: {any: {price: {exists: false}}}", True, 0),
        ("lines: {any: {sku: {not: [a, b, c]}}}", False, 0),
        ('lines: {any: {"codes[0]": x}}', True, 0),
        ("lines: {any: {sku: {above: 5}}}", False, 1),
        ("tags: {any: vip}", True, 0),
        ("tags: {any: [gold, eu]}", True, 0),
        ("tags: {any: [gold, us]}", False, 0),
        ("tags: {any: {starts_with: v}}", True, 0),
        ("tags: {any: {matches: '^e.$'}}", True, 0),
        ("nums: {any: {at_least: 3}}", True, 0),
        ("nums: {any: {at_least: 4}}", False, 1),
        ("one: {any: {price: 7}}", True, 0),
        ("empty: {any: {price: 7}}", False, 0),
        ("id: {any: {price: 7}}", False, 1),
        ("nope: {any: {price: 7}}", False, 0),
    ],
)
def test_any_element(tmp_path: Path, line: str, matches: bool, counted: int) -> None:
    found = loaded(tmp_path, line)
    assert (found.ruleset is not None, found.findings) == (True, ())
    assert found.ruleset is not None
    outcome = evaluate(Message("t", 0, 1, 1_795_000_000_000, value=PAYLOAD.encode()), Snapshot(found.ruleset))
    assert isinstance(outcome, Outcome)
    codes = [(each.code, each.field) for each in outcome.counts]
    assert (len(outcome.events), codes) == (int(matches), [("type-mismatch", line.partition(":")[0])] * counted)


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("lines: {any: {price: {changed: true}}}", "unknown-operator", "where: count([x for x in payload.lines"),
        ("lines: {any: {codes: {any: x}}}", "unknown-operator", "where: count([x for x in payload.lines"),
        ("lines: {any: {item.price: 5}}", "unknown-name", "price: 5"),
        ("lines: {any: {}}", "bad-literal", "{price: 5}"),
        ("tags: {any: {matches: '('}}", "bad-regex", ""),
    ],
)
def test_what_cannot_be_asked_of_an_element_is_a_finding(tmp_path: Path, line: str, code: str, hint: str) -> None:
    (finding,) = loaded(tmp_path, line).findings
    assert (finding.line, finding.code) == (6, code)
    assert finding.hint.startswith(hint)


def test_patterns_look_through_no_more_than_half_a_second_s_worth(tmp_path: Path) -> None:
    found = loaded(tmp_path, "tags: {any: {matches: '(a{1,50}b){20}'}}")
    assert found.ruleset is not None
    text = "a" * 10_000
    value = f'{{"id": "1", "tags": [{", ".join([chr(34) + text + chr(34)] * 100)}]}}'.encode()
    outcome = evaluate(Message("t", 0, 1, 1_795_000_000_000, value=value), Snapshot(found.ruleset))
    assert isinstance(outcome, Outcome)
    assert [each.code for each in outcome.counts] == ["type-mismatch"]

"""Drafts: shown as any other rule, and in a run counted without any effect on other rules or the message."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.app.settings import load_rules
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

FILE = """\
version: 1
source: {topics: [t]}
first_match: FIRST
rules:
  - name: new
    draft: true
    when: {type: paid}
    WHERE
    event: {event_type: a_b, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: neutral, value: = payload.v,
            insert_id: = payload.id}
  - name: old
    when: {type: paid}
    event: {event_type: a_b, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: neutral, value: 1,
            insert_id: = payload.id}
"""


def outcome(tmp_path: Path, payload: str, *, run: bool, where: str = "", first: str = "false") -> Outcome:
    path = tmp_path / "m.yaml"
    path.write_text(FILE.replace("    WHERE\n", f"    {where}\n" if where else "").replace("FIRST", first))
    ruleset = load_rules([path], {}) if run else load([path], {}).ruleset
    assert ruleset is not None
    assert ruleset.describe()["drafts"] == ["new"]
    found = evaluate(Message("t", 0, 1, 1_795_000_000_000, value=payload.encode()), Snapshot(ruleset))
    assert isinstance(found, Outcome)
    return found


def test_a_run_counts_the_events_of_a_draft_and_sends_the_others(tmp_path: Path) -> None:
    found = outcome(tmp_path, '{"type": "paid", "id": "1", "v": 2}', run=True)
    assert ([each.rule for each in found.events], found.problems) == (["old"], ())
    assert [(each.code, each.rule) for each in found.counts] == [("draft", "new")]


def test_elsewhere_a_draft_is_a_rule_as_any_other(tmp_path: Path) -> None:
    found = outcome(tmp_path, '{"type": "paid", "id": "1", "v": 2}', run=False, first="true")
    assert [each.rule for each in found.events] == ["new"]


@pytest.mark.parametrize(
    ("payload", "where", "code"),
    [
        ('{"type": "paid", "id": "1"}', "", "missing"),
        ('{"type": "paid", "id": "1", "v": 2}', "where: number(payload.type) > 1", "bad-number"),
        ('{"type": "paid", "id": "1", "v": 2, "l": 5}', "each: payload.l", "not-a-list"),
    ],
)
def test_a_draft_s_problems_are_counted_and_keep_no_message(
    tmp_path: Path, payload: str, where: str, code: str
) -> None:
    uses = 'insert_id: "= concat(payload.id, index)"' if where.startswith("each") else ""
    text = FILE.replace("insert_id: = payload.id", uses, 1) if uses else FILE
    text = text.replace("when: {type", "when: {payload.type", 1) if uses else text
    path = tmp_path / "m.yaml"
    path.write_text(text.replace("    WHERE\n", f"    {where}\n" if where else "").replace("FIRST", "false"))
    ruleset = load_rules([path], {})
    found = evaluate(Message("t", 0, 1, 1_795_000_000_000, value=payload.encode()), Snapshot(ruleset))
    assert isinstance(found, Outcome)
    assert ([each.rule for each in found.events], found.problems) == (["old"], ())
    assert [(each.code, each.rule) for each in found.counts] == [(code, "new")]


def test_a_draft_stops_no_other_rule_of_its_file(tmp_path: Path) -> None:
    found = outcome(tmp_path, '{"type": "paid", "id": "1", "v": 2}', run=True, first="true")
    assert [each.rule for each in found.events] == ["old"]

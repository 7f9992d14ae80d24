"""Small messages and valid rules that would take a minute or a gigabyte: each has its limit, and is quick about it.

The limits are listed in docs/fuzzing.md. The times are ten times what a quiet machine needs.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from greenflash_kafka.evaluate import MAX_EVENT_BYTES
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot

NOW = 1_795_000_000_000
EVENT = """\
    event:
      event_type: seen
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: "1"
"""


def outcome(folder: Path, rule: str, value: bytes, timestamp_ms: int = NOW, event: str = "") -> Outcome:
    """What one rule makes of one message, and that it didn't take long."""
    path = folder / "m.yaml"
    path.write_text(f"version: 1\nsource: {{topics: [t]}}\nrules:\n  - name: r\n{rule}{EVENT}{event}")
    loaded = load([path], {})
    assert loaded.ruleset is not None, loaded.findings
    began = time.process_time()
    found = resolve(Message("t", 0, 0, timestamp_ms, value=value), Snapshot(loaded.ruleset))
    assert time.process_time() - began < 10
    return found


WHEN = "    when: {a: {exists: true}}\n"


@pytest.mark.parametrize("timestamp_ms", [9 * 10**18, -(9 * 10**18), 300_000_000_000_000])
@pytest.mark.parametrize("rule", [WHEN, WHEN + "    valid: {until: 2027-01-01, zone: Europe/Paris}\n"])
def test_a_timestamp_beyond_every_calendar_is_no_crash(tmp_path: Path, timestamp_ms: int, rule: str) -> None:
    found = outcome(tmp_path, rule, b'{"a": 1}', timestamp_ms)
    assert found.events == ()
    assert [(each.code, each.field) for each in found.problems] in ([("bad-time", "event_at")], [])


def test_numbers_with_the_same_hash_cost_no_more_than_others(tmp_path: Path) -> None:
    numbers = ",".join(str(number * (2**61 - 1)) for number in range(1, 40_000))
    found = outcome(
        tmp_path,
        WHEN,
        b'{"a": [%s]}' % numbers.encode(),
        event="      properties: {n: '= count(distinct(payload.a))'}\n",
    )
    assert found.events[0].fields["properties"] == {"n": 39_999}


def lists_in_lists(width: int, lets: int) -> str:
    """Lets that are each a list of several times the let above."""
    lines = ["      b0: = [payload, payload]\n"]
    lines += [f"      b{number}: = [{', '.join([f'b{number - 1}'] * width)}]\n" for number in range(1, lets)]
    return WHEN + "    let:\n" + "".join(lines)


@pytest.mark.parametrize(
    "expression",
    ["b19", "b19 == [b18, payload]", "count(distinct(b19))", "b19 in [b19, b18]", "[x for x in b19]", "[b19, b18]"],
)
def test_lists_of_lists_that_rules_make_have_a_limit(tmp_path: Path, expression: str) -> None:
    event = f'      properties: {{n: "= {expression}", other: 1}}\n'
    found = outcome(tmp_path, lists_in_lists(10, 20), b'{"a": 1}', event=event)
    (sent,) = found.events
    assert len(sent.body) < 1_000


@pytest.mark.parametrize("expression", ["b39", "count(distinct([b39]))", "b39 == [b39]"])
def test_levels_that_rules_make_have_a_limit(tmp_path: Path, expression: str) -> None:
    lines = ["      b0: = [payload]\n"]
    lines += [f"      b{number}: = {'[' * 45}b{number - 1}{']' * 45}\n" for number in range(1, 40)]
    event = f'      properties: {{n: "= {expression}"}}\n'
    found = outcome(tmp_path, WHEN + "    let:\n" + "".join(lines), b'{"a": 1}', event=event)
    assert [each.code for each in found.counts] in (["limit"], [])
    assert len(found.events[0].body) < 1_000


def test_a_long_list_costs_by_what_is_done_with_each_element(tmp_path: Path) -> None:
    where = "    where: '= count([{} for x in payload.l]) > 0'\n".format("+".join(["x"] * 700))
    found = outcome(tmp_path, WHEN + where, b'{"a": 1, "l": [%s]}' % b",".join([b"1.5"] * 60_000))
    assert [(each.code, each.field) for each in found.problems] == [("limit", "where")]
    short = outcome(tmp_path, WHEN + where, b'{"a": 1, "l": [1, 2, 3]}')
    assert len(short.events) == 1


def test_a_large_pattern_is_not_tried_on_a_long_text(tmp_path: Path) -> None:
    pattern = "[a-q][^u-z]{500}x"
    value = b'{"a": "%s"}' % (b"abcdefgh" * 500_000)
    where = outcome(tmp_path, WHEN + f"    where: '= matches(payload.a, \"{pattern}\")'\n", value)
    assert [each.code for each in where.problems] == ["limit"]
    when = outcome(tmp_path, f"    when: {{a: {{matches: '{pattern}'}}}}\n", value)
    assert ([each.code for each in when.counts], when.events) == (["type-mismatch"], ())
    usual = outcome(tmp_path, "    when: {a: {matches: '^[\\w]+$'}}\n", value)
    assert len(usual.events) == 1


def test_events_that_repeat_their_message_have_a_limit_together(tmp_path: Path) -> None:
    text = b'"%s"' % (b"x" * 100_000)
    rule = WHEN.replace("a:", "payload.a:") + "    each: = payload.l\n"
    value = b'{"a": %s, "l": [%s]}' % (text, b",".join([b"1"] * 900))
    found = outcome(tmp_path, rule, value, event="      properties: {all: = payload.a}\n")
    assert ([each.code for each in found.problems], found.events) == (["limit"], ())
    few = b'{"a": %s, "l": [%s]}' % (text, b",".join([b"1"] * (MAX_EVENT_BYTES // 110_000)))
    assert outcome(tmp_path, rule, few, event="      properties: {all: = payload.a}\n").status == "mapped"


def test_what_is_refused_is_shown_to_people_and_kept_out_of_dead_letters(tmp_path: Path) -> None:
    found = outcome(tmp_path, WHEN, b'{"a": "ada@acme.test"}', event="      user_id: = payload.a\n")
    (problem,) = found.problems
    assert "ada" in problem.full_text
    assert "ada" in problem.describe(values=True)
    assert "ada" not in problem.describe()

"""The diff of two rule sets against one that keeps everything: any rules, messages and splits give the same figures."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.diff.differ import Differ
from greenflash_kafka.diff.stored import IdRecords, Stored, joined
from greenflash_kafka.diff.tallies import Tallies
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

RULE = """\
  - name: {name}
    when: {when}
    {each}
    event:
      event_type: {type}
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: {influence}
      value: {value}
      external_user_id: = payload.user
      properties: {{{properties}}}
      {insert_id}
"""
RULES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["one", "two", "three"]),
        "when": st.sampled_from(
            ["{payload.type: paid}", "{payload.type: [paid, seen]}", "{payload.cents: {above: 500}}"]
        ),
        "each": st.sampled_from(["", "each: = payload.items"]),
        "type": st.sampled_from(["paid", "bought", "= payload.type"]),
        "influence": st.sampled_from(["positive", "negative"]),
        "value": st.sampled_from(["= money_minor(payload.cents, payload.currency)", "= payload.cents", "1"]),
        "properties": st.sampled_from(
            [
                'currency: "= payload.currency", plan: pro',
                'plan: pro, currency: "= payload.currency"',
                'currency: "= payload.currency", plan: "= payload.plan"',
            ]
        ),
        "insert_id": st.sampled_from(["", "insert_id: = payload.id", "insert_id: = payload.user"]),
    }
)
FILES = st.lists(RULES, min_size=1, max_size=3, unique_by=lambda rule: rule["name"])
PAYLOADS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["paid", "seen", "other"]),
        "id": st.integers(0, 3).map(str),
        "cents": st.sampled_from([0, 1, 999, 10**12, "x", None]),
        "currency": st.sampled_from(["EUR", "usd", "JPY", "?", None]),
        "user": st.sampled_from(["u1", "u2", None, 7]),
        "plan": st.sampled_from(["pro", "team"]),
        "items": st.sampled_from([[], [1], [1, 2], "no list"]),
    }
)


def _snapshot(folder: Path, rules: Sequence[dict[str, str]]) -> Snapshot:
    path = folder / "rules.yaml"
    text = "version: 1\nsource: {topics: [t]}\nrules:\n"
    for rule in rules:
        written = RULE.format(**rule)
        if rule["each"] and rule["insert_id"]:
            # Of one message only the first event would be stored: that is an error of the rules.
            written = written.replace(rule["insert_id"], 'insert_id: = join([payload.user, index], "-")')
        text += written
    path.write_text(text)
    loaded = load([path], {})
    assert loaded.ruleset is not None, loaded.findings
    return Snapshot(loaded.ruleset)


def _diff(old: Snapshot, new: Snapshot, parts: Sequence[Sequence[Message]], folder: Path) -> tuple[Tallies, Stored]:
    whole, folders = Tallies(), []
    for number, messages in enumerate(parts):
        folders.append(folder / str(number))
        folders[-1].mkdir()
        records = IdRecords(folders[-1], ["t"])
        differ = Differ(old, new, records, values=True)
        differ.add(messages)
        records.close()
        whole.add(differ.tallies, 5)
    return whole, joined(folders)


def _facts(event: Event) -> tuple[str, str, Decimal | None]:
    body = json.loads(event.body)
    kind = body.get("valueType")
    amount = Decimal(body["value"]) if kind in ("currency", "numeric") else None
    named = (body.get("properties") or {}).get("currency")
    return body["eventType"], "" if kind != "currency" else named.upper() if named else "?", amount


def _sent(outcomes: Sequence[Outcome]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for outcome in outcomes:
        for event in outcome.events:
            name, currency, money = _facts(event)
            tally = found.setdefault((name, currency), [0, Decimal(0)])
            tally[0] += 1
            tally[1] += money or 0
    return found


def _stored(messages: Sequence[Message], outcomes: Sequence[Outcome]) -> dict[tuple[str, str], list[Any]]:
    kept: dict[str, Event] = {}
    for _, outcome in sorted(
        zip(messages, outcomes, strict=True), key=lambda each: (each[0].timestamp_ms, each[0].offset)
    ):
        for event in outcome.events:
            kept.setdefault(event.insert_id, event)
    return _sent([Outcome(tuple(kept.values()))])


@settings(max_examples=40)
@given(FILES, FILES, st.lists(st.tuples(PAYLOADS, st.integers(0, 9)), max_size=12), st.integers(0, 12))
def test_it_counts_as_one_that_keeps_everything(
    old_rules: list[dict[str, str]], new_rules: list[dict[str, str]], written: list[Any], cut: int
) -> None:
    messages = [
        Message("t", 0, offset, 1_700_000_000_000 + ms, value=json.dumps(payload).encode())
        for offset, (payload, ms) in enumerate(written)
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        old, new = _snapshot(folder, old_rules), _snapshot(folder, new_rules)
        whole, stored = _diff(old, new, [messages[:cut], messages[cut:]], folder)
        (folder / "again").mkdir()
        again, stored_again = _diff(old, new, [messages], folder / "again")
    assert (whole, stored) == (again, stored_again), "a split must not matter"
    olds = [each for message in messages if isinstance(each := evaluate(message, old), Outcome)]
    news = [each for message in messages if isinstance(each := evaluate(message, new), Outcome)]
    assert whole.messages == len(messages)
    for side, outcomes in enumerate((olds, news)):
        counts: Counter[str] = Counter()
        money: dict[tuple[str, str], Decimal] = {}
        for (event_type, currency), (count, amount) in _sent(outcomes).items():
            counts[event_type] += count
            money[event_type, currency] = amount
        kept = {
            kind: [(each.old, each.old_money), (each.new, each.new_money)][side]
            for kind, each in stored.classes.items()
        }
        expected = {kind: tuple(each) for kind, each in _stored(messages, outcomes).items()}
        assert {kind: each for kind, each in kept.items() if each[0]} == expected
        bodies: dict[str, set[bytes]] = {}
        for event in (event for outcome in outcomes for event in outcome.events):
            bodies.setdefault(event.insert_id, set()).add(event.body)
        assert stored.dropped[side] == sum(len(each) - 1 for each in bodies.values())
        for event_type, tally in whole.types.items():
            assert (tally.old, tally.new)[side] == counts[event_type]
            sums = {currency: (each.old, each.new)[side] for currency, each in tally.money.items()}
            assert {each: amount for each, amount in sums.items() if amount} == {
                currency: amount for (name, currency), amount in money.items() if name == event_type and amount
            }
    for tally in whole.types.values():
        assert tally.old == tally.unchanged + tally.changed + tally.gone + tally.newly_invalid
        assert tally.new == tally.unchanged + tally.changed + tally.new_events + tally.mended
    silenced = [
        old for old, new in zip(olds, news, strict=True) if old.problems and new.status == "filtered" and not new.events
    ]
    assert whole.silenced_messages >= len(silenced)


@pytest.mark.parametrize("rules", [1, 2])
def test_the_same_rules_change_nothing(tmp_path: Path, rules: int) -> None:
    chosen = {
        "name": "one", "when": "{payload.type: paid}", "each": "", "type": "paid", "influence": "positive",
        "value": "1", "properties": "plan: pro", "insert_id": "insert_id: = payload.id",
    }  # fmt: skip
    same = _snapshot(tmp_path, [{**chosen, "name": f"r{number}"} for number in range(rules)])
    differ = Differ(same, same)
    differ.add(
        [Message("t", 0, each, 1_700_000_000_000, value=b'{"type": "paid", "id": "%d"}' % each) for each in range(5)]
    )
    assert differ.tallies.types["paid"].unchanged == 5
    assert not differ.tallies.changes


def test_the_same_content_is_stored_once_whichever_message_gave_it_another_order(tmp_path: Path) -> None:
    chosen = {
        "name": "one", "when": "{payload.type: paid}", "each": "", "type": "paid", "influence": "positive",
        "value": "1", "insert_id": "insert_id: = payload.id",
    }  # fmt: skip
    old = _snapshot(tmp_path, [{**chosen, "properties": 'a: x, plan: "= payload.plan"'}])
    new = _snapshot(tmp_path, [{**chosen, "properties": "plan: pro, a: x"}])
    payloads = [{"type": "paid", "id": "i", "plan": plan} for plan in ("pro", "team")]
    messages = [Message("t", 0, place, 0, value=json.dumps(each).encode()) for place, each in enumerate(payloads)]
    whole, stored = _diff(old, new, [messages], tmp_path)
    assert (whole.types["paid"].unchanged, whole.reordered, whole.types["paid"].changed) == (1, 1, 1)
    assert stored.dropped == (1, 0)

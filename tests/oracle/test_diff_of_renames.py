"""The diff of rules that have other names, and other fields, against one that knows which rule is which."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.diff.differ import Differ
from greenflash_kafka.diff.report import Side
from greenflash_kafka.diff.report_of_tallies import report
from greenflash_kafka.diff.verdict import verdict
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

HEAD = "version: 1\nsource: {topics: [t]}\nrules:\n"
RULE = """\
  - name: {name}
    when: {when}
    {each}
    event:
      event_type: {type}
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: {influence}
      value: {value}
      external_user_id: {user}
      insert_id: {id}
      properties: {{currency: {currency}, plan: {plan}}}
"""
FIELDS: dict[str, list[str]] = {
    "influence": ["positive", "negative"],
    "value": ["= money_minor(payload.cents, payload.currency)", "= money_major(payload.cents, payload.currency)", "1"],
    "user": ["= payload.user", "= upper(payload.user)"],
    "id": ["= payload.id", "= payload.user", '= concat(payload.id, "-x")'],
    "currency": ['"= upper(payload.currency)"', "EUR"],
    "plan": ["pro", '"= payload.plan"'],
}
ITEMS = {"= payload.id": '= join([payload.id, index], "-")', "= payload.user": '= join([payload.user, index], "-")'}
KINDS = [
    {"type": "paid", "when": "{payload.type: paid}", "each": ""},
    {"type": "refunded", "when": "{payload.type: [seen, other]}", "each": "each: = payload.items"},
    {"type": "bought", "when": "{payload.cents: {above: 500}}", "each": ""},
]
CHANGES = st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers(0, 2), max_size=2)
RULES = st.lists(
    st.tuples(st.fixed_dictionaries({name: st.integers(0, 2) for name in FIELDS}), CHANGES), min_size=3, max_size=3
)
PAYLOADS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["paid", "seen", "other"]),
        "id": st.integers(0, 3).map(str),
        "cents": st.sampled_from([0, 1, 999, "x", None]),
        "currency": st.sampled_from(["EUR", "usd", "?"]),
        "user": st.sampled_from(["u1", "U2", None]),
        "plan": st.sampled_from(["pro", "team", None]),
        "items": st.sampled_from([[], [1], [1, 2]]),
    }
)


def _snapshot(folder: Path, names: str, rules: list[dict[str, int]]) -> Snapshot:
    text = HEAD
    for name, kind, rule in zip(names, KINDS, rules, strict=True):
        fields = {field: FIELDS[field][number % len(FIELDS[field])] for field, number in rule.items()}
        if kind["each"]:
            fields["id"] = ITEMS.get(fields["id"], '= join([payload.id, index], "/")')
        text += RULE.format(name=name, **kind, **fields)
    (folder / "rules.yaml").write_text(text)
    loaded = load([folder / "rules.yaml"], {})
    assert loaded.ruleset is not None, loaded.findings
    return Snapshot(loaded.ruleset)


def _by_rule(outcome: Outcome, names: str) -> dict[tuple[int, int | None], Event]:
    return {(names.index(event.rule), event.item): event for event in outcome.events}


def _fields(event: Event) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(event.body, parse_float=Decimal)
    return {**body, **{f"properties.{name}": value for name, value in body.pop("properties").items()}}


@settings(max_examples=25)
@given(RULES, st.lists(PAYLOADS, max_size=10))
def test_rules_of_other_names_are_compared_as_what_they_were(
    rules: list[tuple[dict[str, int], dict[str, int]]], payloads: list[dict[str, Any]]
) -> None:
    with TemporaryDirectory() as name:
        old = _snapshot(Path(name), "abc", [rule for rule, _ in rules])
        new = _snapshot(Path(name), "xyz", [{**rule, **changes} for rule, changes in rules])
    messages = [Message("t", 0, place, 0, value=json.dumps(each).encode()) for place, each in enumerate(payloads)]
    differ = Differ(old, new)
    differ.add(messages)
    found = report("program", (Side("old", "1", 3), Side("new", "2", 3)), differ.finish(), None, [])
    counts: Counter[str] = Counter()
    for message in messages:
        before, after = evaluate(message, old), evaluate(message, new)
        assert isinstance(before, Outcome)
        assert isinstance(after, Outcome)
        ours, theirs = _by_rule(before, "abc"), _by_rule(after, "xyz")
        for key in ours.keys() | theirs.keys():
            was, became = ours.get(key), theirs.get(key)
            if was is not None and became is not None:
                fields, others = _fields(was), _fields(became)
                differing = [each for each in fields.keys() | others.keys() if fields.get(each) != others.get(each)]
                counts["ids"] += was.insert_id != became.insert_id
                counts["changed" if differing or was.insert_id != became.insert_id else "unchanged"] += 1
            else:
                # Of the same message one side has an event, and the other one a problem: no rule stops matching.
                counts["newly_invalid" if became is None else "mended"] += 1
    assert found.ids.changed == counts["ids"]
    for kind in ("unchanged", "changed", "newly_invalid", "mended"):
        assert sum(getattr(each, kind) for each in found.event_types.values()) == counts[kind], kind
    assert not any(each.gone or each.new_events for each in found.event_types.values())
    if counts["changed"] + counts["newly_invalid"] + counts["mended"]:
        assert verdict(found).safe is False

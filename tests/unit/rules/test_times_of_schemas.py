"""Rules on payloads in which times are times, as decoders with a schema give them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.rules.test_topic_rules import rule

CREATED = datetime(2026, 11, 17, 11, 6, 40, 250_000, tzinfo=UTC)
PAYLOAD = {
    "type": "paid",
    "created": CREATED,
    "day": datetime(2026, 11, 1, tzinfo=UTC),
    "before": {"seen": datetime(2026, 11, 1, tzinfo=UTC), "plan": "free"},
    "after": {"seen": CREATED, "plan": "team"},
    "total": Decimal("299.00"),
    "steps": [{"at": CREATED}, {"at": datetime(2026, 11, 2, tzinfo=UTC)}],
}
HEAD = """\
version: 1
source: {topics: [t], before: payload.before, after: payload.after}
defaults: {product_id: "${PRODUCT_ID}", influence: neutral, event_type: e, insert_id: = payload.created, value: "1"}
"""


@pytest.mark.parametrize(
    ("line", "holds"),
    [
        ('created: {above: "2026-11-01"}', True),
        ('created: {at_most: "2026-11-17T12:06:40.25+01:00"}', True),
        ('created: {below: "2026-11-17Z"}', False),
        ('created: {at_least: "2026-11-01", below: "2026-12-01"}', True),
        ('day: "2026-11-01"', True),
        ('day: "2026-11-02"', False),
        ('day: ["2026-11-02", "2026-11-01T00:00:00Z"]', True),
        ("day: [x, null]", False),
        ('day: {not: "2026-11-01"}', False),
        ('day: {not: ["2026-11-02", x]}', True),
        ("day: {exists: true}", True),
        ('after.seen: {from: "2026-11-01"}', True),
        ('after.seen: {from: "2026-11-02"}', False),
        ("after.seen: {changed: true}", True),
        ("after.seen: {increased: true}", True),
        ("after.seen: {decreased: true}", False),
        ('after.seen: {becomes: "2026-11-17T11:06:40.25Z"}', True),
        ('steps: {any: {at: {above: "2026-11-10"}}}', True),
        ('steps: {any: {at: "2026-11-02"}}', True),
        ('steps: {any: {at: "2026-11-03"}}', False),
    ],
)
def test_a_line_of_when(line: str, holds: bool, apply: Callable[..., Any]) -> None:
    applied = apply(rule(f"when: {{{line}}}\nevent: {{value: x}}", HEAD), PAYLOAD)
    assert (bool(applied.drafts), applied.problems, applied.counts) == (holds, [], [])


@pytest.mark.parametrize("line", ["created: {above: 5}", "created: {above: soon}", "created: {starts_with: x}"])
def test_what_is_no_time_cannot_be_compared_with_one(line: str, apply: Callable[..., Any]) -> None:
    applied = apply(rule(f"when: {{{line}}}\nevent: {{value: x}}", HEAD), PAYLOAD)
    assert not applied.drafts
    assert [count.code for count in applied.counts] == ["type-mismatch"]


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ('payload.created > "2026-11-01"', True),
        ('"2026-11-01" > payload.created', False),
        ('payload.day == "2026-11-01"', True),
        ('"2026-11-02" != payload.day', True),
        ('payload.day in ["2026-11-01"]', True),
        ('payload.day in ["2026-11-01", payload.type]', True),
        ("payload.created > payload.day", True),
        ('time(payload.created, "ms") == payload.created', True),
        ('time(payload.created, format="%d.%m.%Y") == payload.created', True),
        ('date(payload.created) == "2026-11-17"', True),
        ("days_between(payload.day, payload.created) == 16", True),
        ("max([x.at for x in payload.steps]) == payload.created", True),
    ],
)
def test_a_where(where: str, holds: bool, apply: Callable[..., Any]) -> None:
    applied = apply(rule(f"where: '{where}'\nevent: {{value: x}}", HEAD), PAYLOAD)
    assert (bool(applied.drafts), applied.problems, applied.counts) == (holds, [], [])


def test_a_rule_that_wants_a_day_is_found_beside_others(apply: Callable[..., Any]) -> None:
    rules = (
        HEAD
        + "rules:\n"
        + "".join(
            f'  - {{name: r{day}, when: {{day: "2026-11-0{day}"}}, event: {{value: "{day}"}}}}\n' for day in range(1, 9)
        )
    )
    assert [draft.rule for draft in apply(rules, PAYLOAD).drafts] == ["r1"]


def test_a_time_in_an_event_is_iso_8601_in_utc(apply: Callable[..., Any]) -> None:
    applied = apply(
        rule(
            """
when: {type: paid}
event:
  event_at: = payload.created
  value: = money_major(payload.total, "EUR")
  external_user_id: = payload.day
  properties:
    plain: = payload.created
    joined: = concat("at ", payload.created)
    list: = [payload.day]
    object: = payload.after
    formatted: = format_time(payload.created, "%d.%m.%Y")
""",
            HEAD,
        ),
        PAYLOAD,
    )
    (draft,) = applied.drafts
    body = json.loads(draft.body)
    assert datetime.fromisoformat(body["eventAt"]) == CREATED
    assert body["externalUserId"] == "2026-11-01T00:00:00Z"
    assert body["value"] == "299.00"
    assert body["properties"] == {
        "plain": "2026-11-17T11:06:40.25Z",
        "joined": "at 2026-11-17T11:06:40.25Z",
        "list": ["2026-11-01T00:00:00Z"],
        "object": {"seen": "2026-11-17T11:06:40.25Z", "plan": "team"},
        "formatted": "17.11.2026",
    }


def test_a_time_and_its_text_give_one_insert_id(apply: Callable[..., Any]) -> None:
    file = rule("when: {type: paid}\nevent: {value: x}", HEAD)
    (one,) = apply(file, PAYLOAD).drafts
    (other,) = apply(file, {**PAYLOAD, "created": "2026-11-17T11:06:40.25Z"}).drafts
    assert one.insert_id == other.insert_id

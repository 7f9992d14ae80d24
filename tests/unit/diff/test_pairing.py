"""Events that belong together, and those that have no counterpart."""

from __future__ import annotations

import json

from greenflash_kafka.diff.pairing import pairs
from greenflash_kafka.model.event import Event


def event(rule: str, insert_id: str, event_type: str = "t", item: int | None = None) -> Event:
    return Event(rule, item, insert_id, json.dumps({"eventType": event_type, "value": "1"}).encode())


def _named(old: list[Event], new: list[Event]) -> list[tuple[str | None, str | None]]:
    return [(a.insert_id if a else None, b.insert_id if b else None) for a, b in pairs(old, new)]


def test_the_same_rule_and_item_before_anything_else() -> None:
    old = [event("r", "a", item=0), event("r", "b", item=1)]
    new = [event("r", "b", item=1), event("r", "x", item=0)]
    assert _named(old, new) == [("a", "x"), ("b", "b")]


def test_a_renamed_rule_is_known_by_its_id() -> None:
    assert _named([event("before", "a"), event("other", "b")], [event("after", "a")]) == [("a", "a"), ("b", None)]


def test_a_renamed_rule_with_another_id_is_known_by_its_only_event_type() -> None:
    assert _named([event("before", "a")], [event("after", "b")]) == [("a", "b")]
    two = [event("after", "b"), event("again", "c")]
    assert _named([event("before", "a")], two) == [("a", None), (None, "b"), (None, "c")]


def test_nothing_on_one_side() -> None:
    assert _named([], [event("r", "a")]) == [(None, "a")]
    assert _named([event("r", "a")], []) == [("a", None)]

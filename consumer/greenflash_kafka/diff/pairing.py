"""Pairs of the events that two sets of rules make of one message."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Final

from greenflash_kafka.diff.event_facts import facts_of
from greenflash_kafka.model.event import Event

Pair = tuple[Event | None, Event | None]
"""The event of the old rules and that of the new ones; None where there is no counterpart."""


def pairs(old: Sequence[Event], new: Sequence[Event]) -> list[Pair]:
    """Events of the same rule and item belong together; of what is left those of the same `insert_id` (the rule was
    renamed), then the only ones of an event type. The old rules' order, then what is new."""
    if len(old) == len(new) == 1 and (old[0].rule, old[0].item) == (new[0].rule, new[0].item):
        return [(old[0], new[0])]
    found: dict[int, Event] = {}
    olds, news = list(enumerate(old)), list(enumerate(new))
    for key in _KEYS:
        theirs = _only(news, key)
        taken = set()
        for place, event in olds:
            match = theirs.get(key(event)) if _only_one(olds, key, event) else None
            if match is not None:
                found[place] = match[1]
                taken.add(match[0])
        olds = [each for each in olds if each[0] not in found]
        news = [each for each in news if each[0] not in taken]
        if not olds or not news:
            break
    paired: list[Pair] = [(event, found.get(place)) for place, event in enumerate(old)]
    return [*paired, *((None, event) for _, event in news)]


def _only(events: Sequence[tuple[int, Event]], key: Callable[[Event], Hashable]) -> dict[Hashable, tuple[int, Event]]:
    """Events by a key that no other of them has."""
    found: dict[Hashable, tuple[int, Event]] = {}
    more = set()
    for each in events:
        name = key(each[1])
        if name in found:
            more.add(name)
        found[name] = each
    return {name: each for name, each in found.items() if name not in more}


def _only_one(events: Sequence[tuple[int, Event]], key: Callable[[Event], Hashable], event: Event) -> bool:
    name = key(event)
    return sum(key(other) == name for _, other in events) == 1


_KEYS: Final[tuple[Callable[[Event], Hashable], ...]] = (
    lambda event: (event.rule, event.item),
    lambda event: event.insert_id,
    lambda event: facts_of(event).event_type,
)

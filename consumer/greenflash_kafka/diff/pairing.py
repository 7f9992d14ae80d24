"""Pairs of the events that two sets of rules make of one message."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from greenflash_kafka.diff.event_facts import facts_of
from greenflash_kafka.model.event import Event

Pair = tuple[Event | None, Event | None]
"""The event of the old rules and that of the new ones; None where there is no counterpart."""


_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def pairs(old: Sequence[Event], new: Sequence[Event], old_names: Mapping[str, str] = _NONE) -> list[Pair]:
    """Events of the same rule and item belong together; of what is left those of the same `insert_id`, then those of a
    rule that has another name now (`old_names`: new name to old one) and the same item, then the only ones of an event
    type. The old rules' order, then what is new."""
    if len(old) == len(new) == 1 and (old[0].rule, old[0].item) == (new[0].rule, new[0].item):
        return [(old[0], new[0])]
    found: dict[int, Event] = {}
    olds, news = list(enumerate(old)), list(enumerate(new))
    for key, their_key in (
        (_rule_and_item, _rule_and_item),
        (_insert_id, _insert_id),
        (_rule_and_item, lambda event: (old_names.get(event.rule), event.item)),
        (_event_type, _event_type),
    ):
        ours, theirs = _only(olds, key), _only(news, their_key)
        matched = {ours[name][0]: theirs[name] for name in ours if name in theirs}
        found.update({place: event for place, (_, event) in matched.items()})
        taken = {place for place, _ in matched.values()}
        olds = [each for each in olds if each[0] not in matched]
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


def _rule_and_item(event: Event) -> Hashable:
    return event.rule, event.item


def _insert_id(event: Event) -> Hashable:
    return event.insert_id


def _event_type(event: Event) -> Hashable:
    return facts_of(event).event_type

"""Rules that have another name under the new rules: found by what they are made of, topic by topic."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from greenflash_kafka.rules.rule_info import RuleInfo
from greenflash_kafka.snapshot import Snapshot

LEAST_ALIKE: Final = 0.4
"""The part that two rules have in common, of all that both are made of, if they may be one rule of two names."""

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


Parts = frozenset[tuple[str, str]]
"""The parts of a rule by their names."""


def alike(old: Sequence[Parts], new: Sequence[Parts]) -> Iterator[tuple[int, int]]:
    """Places of old rules and of new ones that are most alike, each once."""
    likenesses = (
        (len(parts & others) / max(1, len(parts | others)), place, other)
        for place, parts in enumerate(old)
        for other, others in enumerate(new)
    )
    taken: set[int] = set()
    given: set[int] = set()
    for likeness, place, other in sorted(likenesses, key=lambda each: (-each[0], *each[1:])):
        if likeness >= LEAST_ALIKE and place not in taken and other not in given:
            taken.add(place)
            given.add(other)
            yield place, other


def renamed(old: Sequence[RuleInfo], new: Sequence[RuleInfo]) -> Mapping[str, str]:
    """New name to old one, of rules whose names only one side has."""
    before = [each for each in old if all(each.name != other.name for other in new)]
    now = [each for each in new if all(each.name != other.name for other in old)]
    if not before or not now:
        return _NONE
    matched = alike([_parts(each) for each in before], [_parts(each) for each in now])
    return {now[other].name: before[place].name for place, other in matched}


class RenamedRules:
    """Rules of a topic that have another name now; each of both names is one side's alone."""

    def __init__(self, old: Snapshot, new: Snapshot) -> None:
        self._sides = old, new
        self._old_names: dict[str, Mapping[str, str]] = {}
        self._new_names: dict[str, Mapping[str, str]] = {}

    def old_names(self, topic: str) -> Mapping[str, str]:
        """New name to old one."""
        found = self._old_names.get(topic)
        if found is None:
            readings = (side.by_topic[topic] for side in self._sides)
            old, new = ([] if each is None else [rule.info for rule in each[0].rules] for each in readings)
            found = self._old_names[topic] = renamed(old, new)
            self._new_names[topic] = {name: other for other, name in found.items()}
        return found

    def new_name(self, topic: str, rule: str) -> str:
        """What an old rule is called now; its own name if it isn't another one."""
        self.old_names(topic)
        return self._new_names[topic].get(rule, rule)

    def old_name(self, topic: str, rule: str) -> str:
        """What a new rule was called; its own name if that isn't another one."""
        return self.old_names(topic).get(rule, rule)


def _parts(rule: RuleInfo) -> Parts:
    named: Iterable[tuple[str, str]] = (
        *(("when", each.origin.text) for each in rule.conditions),
        *((each.name, each.origin.text) for each in (*rule.lets, *rule.fields)),
        *(("each", each.origin.text) for each in (rule.each,) if each is not None),
    )
    return frozenset(named)

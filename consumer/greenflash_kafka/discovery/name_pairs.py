"""Two paths that say together what kind of fact a message is: an object, and what was done with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.discovery.discriminators import Discriminator, may_name_events
from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import PathValues, split_words, words_of
from greenflash_kafka.expressions.paths import Steps

Pair = tuple[Steps, Steps]
"""The path of the object, and that of what was done with it."""

MOST_PAIRS: Final = 6
_EXPLICIT: Final = frozenset(
    ("object", "entity", "resource", "model", "aggregate", "table", "collection", "subject", "target")
)
_NAMING: Final = frozenset(("type", "name", "kind"))
_DONE: Final = frozenset(("action", "operation", "op", "verb", "activity"))
_OF_EVENTS: Final = frozenset(
    (("event", "type"), ("event", "name"), ("event",), ("change", "type"), ("event", "action"))
)
_STATES: Final = frozenset(("status", "state", "outcome", "result"))
_OF_ROWS: Final = frozenset(
    ("insert", "update", "delete", "create", "remove", "upsert", "undelete", "c", "u", "d", "r", "i")
)
_BEFORE: Final = frozenset(("x", "ce", "event", "record", "message", "source"))
_ENOUGH: Final = 1.5
_ENOUGH_BESIDE: Final = 1.0
_NEARLY: Final = 0.98
_NEAR_BEST: Final = 0.1
_FULL: Final = re.compile(
    r"\w{2,}ed|paid|sent|won|lost|bought|made|begun|started|created?|updated?|deleted?|succeeded?"
)


class _Joint(msgspec.Struct):
    """How often values stand beside each other; "" for none."""

    counts: Counter[tuple[str, str]]

    @property
    def both(self) -> int:
        """Documents that have both."""
        return sum(count for (noun, verb), count in self.counts.items() if noun and verb)

    def determines(self, place: int) -> bool:
        """Whether the value of one path leaves the other's no choice."""
        best: dict[str, int] = {}
        for values, count in self.counts.items():
            if all(values):
                best[values[place]] = max(best.get(values[place], 0), count)
        return sum(best.values()) >= _NEARLY * self.both

    def share(self, place: int, fits: Mapping[str, bool]) -> float:
        """In which part of the documents that have both the value of a path fits."""
        found = sum(count for values, count in self.counts.items() if all(values) and fits[values[place]])
        return found / self.both if self.both else 0.0

    def values(self, place: int) -> set[str]:
        """The values of a path beside one of the other."""
        return {values[place] for values in self.counts if all(values)}


def pair_candidates(table: PathTable) -> list[Pair]:
    """Pairs of paths that may be it by their names, the likeliest first."""
    found = [each for each in table.paths.values() if may_name_events(table, each)]
    nouns = [(score, each) for each in found if (score := _object_score(each)) > 0]
    verbs = [(score, each) for each in found if (score := _done_score(each)) > 0]
    pairs = []
    for noun, one in nouns:
        for verb, other in verbs:
            beside = one.way[:-1] == other.way[:-1]
            # {"type": "payment", "status": "failed"}
            if one.way != other.way and noun + verb >= (_ENOUGH_BESIDE if beside else _ENOUGH):
                near = 0.1 if beside else 0.0
                depth = 0.04 * (len(one.way) + len(other.way) - 4)
                pairs.append((noun + verb + near - depth, (one.way, other.way)))
    return [pair for _, pair in sorted(pairs, key=lambda each: (-each[0], each[1]))][:MOST_PAIRS]


def best_pair(
    pairs: Sequence[Pair],
    joint: Mapping[Pair, Counter[tuple[str, str]]],
    singles: Sequence[Discriminator],
    table: PathTable,
) -> Pair | None:
    """The first pair whose paths don't say it alone; None if there is none, or one of the best single paths (of
    `singles`) has names that say it all. `joint` has for each pair how often two values stand in one document."""
    best = [each.way for each in singles if each.score >= singles[0].score - _NEAR_BEST]
    for pair in pairs:
        found = _Joint(joint[pair])
        if found.both < 0.5 * table.documents or any(_says_all(table.paths[way], pair) for way in best):
            continue
        if not _told_alone(pair, found):
            return pair
    return None


def _says_all(single: PathValues, pair: Pair) -> bool:
    """Whether another path has names of more than a word, as `order.paid`."""
    if single.way in pair:
        return False
    full = sum(count for text, count in single.values.items() if _is_full(text))
    return full >= 0.5 * single.counted and len(single.values) > 1


def _told_alone(pair: Pair, found: _Joint) -> bool:
    nouns, verbs = found.values(0), found.values(1)
    if len(nouns) == 1 and (len(verbs) == 1 or pair[0][0] == "envelope" or "table" in words_of(pair[0])):
        return True
    naming = {noun: set(split_words(noun)) for noun in nouns}
    repeated = sum(
        count
        for (noun, verb), count in found.counts.items()
        if noun and verb and naming[noun] <= set(split_words(verb))
    )
    if repeated >= 0.5 * found.both:
        return True
    if any(found.share(place, {each: _is_full(each) for each in found.values(place)}) >= 0.5 for place in (0, 1)):
        return True
    several = {verb: len(split_words(verb)) > 1 for verb in verbs}
    return found.determines(1) and found.share(1, several) >= 0.5


def _is_full(name: str) -> bool:
    """Whether a name says of what it tells and what was done: `order.paid`, `Subscription Cancelled`."""
    words = split_words(name)
    return len(words) > 1 and any(_FULL.fullmatch(word) for word in words)


def _object_score(found: PathValues) -> float:
    """How surely a path's name says that it has the kind of an object."""
    if found.way[0] == "kafka":
        return 0.6 if {"event", "entity", "resource"} & set(words_of(found.way[-1:] and ("", found.way[-1]))) else 0.0
    last = words_of((found.way[0], found.way[-1]))
    above = words_of((found.way[0], found.way[-2]))[-1:] if len(found.way) > 2 else ()
    if not last:
        return 0.0
    if last[-1] in _EXPLICIT or (last[-1] in _NAMING and last[-2:-1] and last[-2] in _EXPLICIT):
        return 1.0
    if len(last) == 1 and last[0] in _NAMING and set(above) & _EXPLICIT:
        return 0.9
    if last == ("event", "category"):
        return 0.8
    return 0.5 if set(last[:-1]) <= _BEFORE and last[-1] in ("type", "kind", "category") else 0.0


def _done_score(found: PathValues) -> float:
    """How surely a path's name says that it has what was done with an object."""
    last = words_of((found.way[0], found.way[-1]))
    if not last or (found.way[0] == "kafka"):
        return 0.0
    if last[-1] in _DONE or (last[-1] in _NAMING and last[-2:-1] and last[-2] in _DONE):
        return 1.0
    if last[-2:] in _OF_EVENTS:
        return 0.7
    if last[-1] == "type" and {text.lower() for text in found.values} <= _OF_ROWS:
        return 0.7
    return 0.5 if last[-1] in _STATES else 0.0

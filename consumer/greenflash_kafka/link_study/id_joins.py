"""The expression that makes the ids of two systems equal: tried on the ids, and said only if it joins some."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations, islice
from typing import Final

import msgspec

from greenflash_kafka.link_study.id_affixes import affixes, common_prefix
from greenflash_kafka.link_study.id_steps import PHONES, PLUS_TAGS, STEPS, ZEROS, IdStep, Steps, applied

LEAST_GAIN: Final = 3
"""With fewer ids that would match in addition nothing is proposed: they may be equal by chance."""

LEAST_PART: Final = 20
"""Nor if they are fewer than one of so many that match as they are."""

_MOST_STEPS: Final = 3
_LOOKED_AT: Final = 500
"""So many ids of a side are looked at to learn which steps change any."""

_ENOUGH: Final = 0.9
"""Part of the ids that match, from which on nothing more complicated is tried."""


Pair = tuple[Steps, Steps]
"""What is done to the ids of the outcomes, and to those of the conversations."""


class IdJoin(msgspec.Struct, frozen=True):
    """The steps that join ids: those of outcomes and of conversations; one of both may be empty. `before` of `of` ids
    of outcomes are ids of conversations as they are, `after` with the steps. `merged`: so many different ids of one
    side become one by them. `tagged`: so many more would match without plus tags of e-mail addresses."""

    outcomes: Steps
    conversations: Steps
    before: int
    after: int
    of: int
    merged: int = 0
    tagged: int = 0

    @property
    def joins(self) -> bool:
        """Whether the steps are worth a change of the rules."""
        gain = self.after - self.before
        return gain >= LEAST_GAIN and gain * LEAST_PART >= self.before

    @property
    def words(self) -> str:
        """By what the ids differ."""
        said = tuple(dict.fromkeys(each.words for each in (*self.outcomes, *self.conversations)))
        return " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def joined(outcomes: Collection[str], conversations: Collection[str]) -> IdJoin:
    """The steps after which most ids of outcomes are ids of conversations; without steps, if none are worth it. The
    simplest ones of those that join as many: those that change one side, the outcomes' first."""
    sides = _Sides(outcomes, conversations)
    before = best = sides.matches(((), ()))
    pair: Pair = ((), ())
    for number in range(_MOST_STEPS + 1):
        for each in sorted(sides.pairs(number), key=_cost):
            matches = sides.matches(each)
            # A pair that is tried later is more complicated: a few more ids aren't worth it.
            if matches - best >= max(1, len(outcomes) // 100):
                pair, best = each, matches
        if best >= _ENOUGH * len(outcomes):
            break
    found = IdJoin(*pair, before, best, len(outcomes))
    if not found.joins:
        pair = ((), ())
        found = IdJoin(*pair, before, before, len(outcomes))
    merged = max(sides.merged(pair))
    tagged = sides.matches(((*pair[0], PLUS_TAGS), (*pair[1], PLUS_TAGS))) - found.after
    return msgspec.structs.replace(found, merged=merged, tagged=max(0, tagged))


def _cost(pair: Pair) -> tuple[int, int]:
    ours, theirs = pair
    return len(ours) + len(theirs), (2 if ours else 1) if theirs else 0


class _Sides:
    """The ids of both sides, and what they become by steps, each computed once."""

    def __init__(self, outcomes: Collection[str], conversations: Collection[str]) -> None:
        self._ids = tuple(dict.fromkeys(outcomes)), tuple(dict.fromkeys(conversations))
        self._changed: dict[tuple[int, Steps], tuple[str | None, ...]] = {}
        self._steps = [each for each in STEPS if self._useful(each)]

    def _useful(self, step: IdStep) -> bool:
        """Whether a step is meant for these ids, and changes any, perhaps without their prefix."""
        for side in (0, 1):
            prefix = common_prefix(self._ids[side])
            change = applied((step,))
            for before in dict.fromkeys(((), (prefix,) if prefix else ())):
                ids = [each for each in map(applied(before), islice(self._ids[side], _LOOKED_AT)) if each]
                if step.fits(ids) and any(change(each) != each for each in ids):
                    return True
        return False

    def changed(self, side: int, steps: Steps) -> tuple[str | None, ...]:
        """The ids of a side (0: of the outcomes) after these steps, in their order."""
        key = side, steps
        found = self._changed.get(key)
        if found is None:
            change = applied(steps)
            found = self._changed[key] = tuple(change(each) for each in self._ids[side])
        return found

    def matches(self, pair: Pair) -> int:
        """How many ids of outcomes are ids of conversations after these steps."""
        theirs = set(self.changed(1, pair[1])) - {None, ""}
        return sum(each in theirs for each in self.changed(0, pair[0]))

    def merged(self, pair: Pair) -> tuple[int, int]:
        """How many different ids become one by these steps, of each side."""
        ours, theirs = (len(self._ids[side]) - len(set(self.changed(side, pair[side]))) for side in (0, 1))
        return ours, theirs

    def pairs(self, number: int) -> Iterator[Pair]:
        """What may be done with so many of the known steps, a prefix or suffix beside them."""
        for steps in combinations(self._steps, number):
            if steps:
                yield from ((steps, ()), ((), steps), (steps, steps))
            first = tuple(each for each in steps if each is not ZEROS)
            last = steps[len(first) :]
            ours, theirs = self._texts(0, first), self._texts(1, first)
            rest = applied(last)
            phones = PHONES in steps
            one, other = common_prefix(ours), common_prefix(theirs)
            # If they differ in capitals alone, these are what has to go.
            if one is not None and other is not None and one.words.lower() != other.words.lower():
                yield (*first, one, *last), (*first, other, *last)
            for each in affixes(ours, theirs, rest, phones=phones):
                yield from _of_affix(each.take_away, each.write, first, last)
            for each in affixes(theirs, ours, rest, phones=phones):
                yield from ((b, a) for a, b in _of_affix(each.take_away, each.write, first, last))

    def _texts(self, side: int, steps: Steps) -> list[str]:
        return [each for each in dict.fromkeys(self.changed(side, steps)) if each]


def _of_affix(take_away: IdStep | None, write: IdStep | None, first: Steps, last: Steps) -> Iterator[Pair]:
    """What may be done about an affix of the first of two sides."""
    steps = (*first, *last)
    if take_away is not None:
        for other in dict.fromkeys(((), steps)):
            yield (*first, take_away, *last), other
    if write is not None:
        for other in dict.fromkeys(((), steps)):
            yield other, (*steps, write)

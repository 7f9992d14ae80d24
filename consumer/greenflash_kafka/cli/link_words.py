"""Findings of `doctor` about the links of a rule, in words: counts, ids that look alike, and what joins them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from greenflash_kafka.cli.check import Check
from greenflash_kafka.link_study.id_joins import IdJoin, joined
from greenflash_kafka.link_study.id_shapes import shapes
from greenflash_kafka.link_study.id_steps import PLUS_TAGS, applied, written
from greenflash_kafka.link_study.join_places import JoinPlace, in_keys, in_link
from greenflash_kafka.link_study.outcomes_of_rules import OutcomesOfRule
from greenflash_kafka.model.counted import counted
from greenflash_kafka.rules.rule import Rule

FEW: Final = 20
"""With fewer ids that all match nothing, nothing is said about their kind."""

MANY: Final = 100
"""With fewer events or activities than these nothing is said about an id that many of them share."""

EXAMPLES: Final = 3
"""So many pairs of ids are shown, to those who ask for them."""

_SHORT: Final = 5
"""Digits up to which two systems that count have the same ids by chance."""

_LATE: Final = "a longer `lookback` reaches further (docs/linking.md, Outcomes that are reported late)"

_VERDICTS: Final = {
    "after-event": "whose activities all come after the event",
    "before-lookback": "before the lookback",
    "reported-late": "that no longer count, since the outcome was reported more than a day after it happened",
    "logged-too-late": "logged after the horizon (`max_delay`)",
    "not-read": "whose lookback wasn't read as a whole (--max-seconds)",
    "not-searched": "of a source that the link doesn't search (`to`, `product_id`)",
}


def outcomes_check(
    rule: str, found: OutcomesOfRule, more: Collection[str], *, warn: bool, looks_up: bool = False
) -> Check:
    """How many outcomes of a rule had a key, a conversation and a link; `more` says what to do. `looks_up`: the rule
    uses tables from topics."""
    results = found.results
    since = "" if found.since_ms is None else f" since {_minute(found.since_ms)}"
    said = (
        f"of its last {counted(found.count, 'outcome')}{since} {found.keyed:,} had a key, "
        f"{found.heard:,} a conversation, {results['linked']:,} a link"
    )
    if results["own"]:
        said += f"; {results['own']:,} name their conversation themselves"
    why = [f"{number:,} {_VERDICTS.get(verdict, verdict)}" for verdict, number in found.reasons.most_common()]
    why += [f"{results[each]:,} {each}" for each in ("ambiguous", "crowded") if results[each]]
    if why:
        said += f" (not linked: {', '.join(why)})"
    todo = list(more)
    if late := found.results["reported-late"]:
        warn = True
        todo.insert(0, f"{late:,} were reported more than a day after they happened: {_LATE}")
    unkeyed = results["no-key"] + results["no-time"]
    if unkeyed * 2 > found.count:
        warn = True
        what = "give the rule an `external_user_id`, or `by` another key"
        if looks_up:
            what = "where it is looked up in a table, the check of that table says why"
        todo.insert(0, f"{unkeyed:,} have no value for a key: {what}")
    for failure, number in found.failures.most_common():
        warn = True
        todo.append(f"{number:,} have no key since {failure}")
    return Check(f"links of {rule}", "warning" if warn else "ok", said, "\n".join(todo))


class KeyFinding:
    """The ids of one key of a rule's outcomes beside those of conversations: `lines` say what to do, and `warns`
    whether somebody should look at it. `sources`: the rules of the conversations that have the key."""

    def __init__(
        self,
        rule: Rule,
        key: str,
        ids: Collection[str],
        theirs: Mapping[str, Collection[str]],
        sources: Mapping[str, Rule],
        *,
        values: bool,
        proposed: dict[tuple[str, str, tuple[str, ...]], str] | None = None,
    ) -> None:
        """`theirs`: the ids of each key that conversations have. `proposed`: what was proposed before, and for which
        rule; lines that several rules share are written once."""
        self._proposed = {} if proposed is None else proposed
        self._rule, self._key, self._ids = rule, key, ids
        self._theirs = theirs.get(key, ())
        self._others = {name: each for name, each in theirs.items() if name != key}
        self._sources = sources
        self._values = values
        self.warns = False
        self.lines = list(self._said())

    def _said(self) -> Iterator[str]:
        of = len(self._ids)
        if not self._theirs:
            self.warns = True
            yield f"{self._key}: no conversation that was read has it: see `keys` of the conversations, and `by`"
            yield from self._other_keys(0)
            return
        join = joined(self._ids, self._theirs)
        yield f"{self._key}: {join.before:,} of {of:,} ids of outcomes are ids of conversations"
        if join.joins:
            self.warns = True
            yield from self._join(join)
        elif not join.before and of >= FEW:
            self.warns = True
            others = list(self._other_keys(join.before))
            yield from others or self._other_namespace()
        yield from self._tags(join)

    def _join(self, join: IdJoin) -> Iterator[str]:
        yield (
            f"  others look alike and differ by {join.words}. Tried on these ids, {join.before:,} -> {join.after:,} of "
            f"{join.of:,} match if you write:"
        )
        yield from self._written(join)
        if join.merged:
            yield f"  {join.merged:,} different ids become equal to others by this: are they the same users?"
        if self._digits(join):
            yield "  short numbers are equal by chance: compare a pair of them (--values) before you write it"
        if self._values:
            yield from self._pairs(join)

    def _written(self, join: IdJoin) -> Iterator[str]:
        places: list[JoinPlace] = []
        if join.outcomes:
            places += in_link(self._rule, self._key, join.outcomes, list(self._ids)) or [self._unwritable(join)]
        if join.conversations:
            places += in_keys(self._sources, self._key, join.conversations, list(self._theirs))
        for place in places:
            # A `link` of a file is that of all its rules: its part names the rule that is looked at.
            key = place.where, self._key, tuple(place.lines)
            before = self._proposed.setdefault(key, self._rule.name)
            if before != self._rule.name:
                yield f"  {place.where}: the same line as for links of {before}"
                continue
            yield f"  {place.where}, {place.part}:"
            yield from (f"    {line}" for line in place.lines)

    def _unwritable(self, join: IdJoin) -> JoinPlace:
        text = written(join.outcomes, "...")
        return JoinPlace(self._rule.info.origin.file, f"around the value of {self._key}", (f"{self._key}: = {text}",))

    def _digits(self, join: IdJoin) -> bool:
        ids = [applied(join.outcomes)(each) or "" for each in self._ids]
        return all(each.isdecimal() for each in ids) and sum(len(each) for each in ids) <= _SHORT * len(ids)

    def _pairs(self, join: IdJoin) -> Iterator[str]:
        ours, theirs = applied(join.outcomes), applied(join.conversations)
        known = {theirs(each): each for each in self._theirs}
        pairs = [(each, known[ours(each)]) for each in self._ids if ours(each) in known and each not in self._theirs]
        for one, other in sorted(pairs)[:EXAMPLES]:
            yield f"  {one!r} would be {other!r}"

    def _other_keys(self, matching: int) -> Iterator[str]:
        for name, ids in self._others.items():
            same = len(set(self._ids).intersection(ids))
            if same > max(2, matching):
                yield f"  {same:,} of {len(self._ids):,} are ids of the key {name} of conversations: search by that one"

    def _other_namespace(self) -> Iterator[str]:
        yield f"  ids of outcomes: {shapes(self._ids)}; ids of conversations: {shapes(self._theirs)}"
        yield (
            "  no expression that was tried makes them equal: they are ids of two systems. A topic that has both ids "
            "joins them as a table (docs/linking.md, When billing has another id)"
        )

    def _tags(self, join: IdJoin) -> Iterator[str]:
        if join.tagged:
            text = written((PLUS_TAGS,), "...")
            yield (
                f"  {join.tagged:,} more would match without plus tags (ada+shop@ as ada@) on both sides: {text}. "
                "It isn't proposed, since nobody but you knows whether they are the same users"
            )


def shared_checks(of: str, keys: Mapping[str, Counter[str]]) -> Iterator[Check]:
    """A warning for each key of which one id stands in more than a quarter of the events or activities (`of`)."""
    for key, ids in sorted(keys.items()):
        total, most = ids.total(), max(ids.values(), default=0)
        if total >= MANY and most * 4 > total:
            said = f"one id stands in {most} of {total} {of}: a bot, a shared login, a word like `guest`, or a constant"
            todo = "leave it out by an expression without a value: wrong links follow, or none (`crowded`)"
            yield Check(f"key {key}", "warning", said, todo)


def _minute(ms: int) -> str:
    try:
        return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{ms} ms"

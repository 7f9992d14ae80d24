"""Counts of a diff: by event type, rule and field, money exact; two of them make the one of both their messages."""

from __future__ import annotations

import heapq
from collections.abc import Hashable, Iterable
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from greenflash_kafka.diff.amount_moves import AmountMoves
from greenflash_kafka.diff.owner_moves import OwnerMoves
from greenflash_kafka.diff.time_moves import TimeMoves
from greenflash_kafka.model.event_money import EXACT

ZERO: Final = Decimal(0)

MOST_FIELDS: Final = 500
"""Changed fields that are told apart; of a rule set that changes more, the rest is counted together."""

OTHERS: Final = ("", "other fields")


class MoneyTally(msgspec.Struct):
    """Sums of one currency under the old rules and the new ones, as sent: what the same id has twice counts twice."""

    old: Decimal = ZERO
    new: Decimal = ZERO


class TypeTally(msgspec.Struct):
    """One event type: events under the old rules and the new ones, and what became of them.

    `old` is `unchanged` + `changed` + `gone` + `newly_invalid`, `new` is `unchanged` + `changed` + `new_events` +
    `mended`. An event that gets another type is `gone` here and `new_events` there. `influence`: events by influence,
    old and new."""

    old: int = 0
    new: int = 0
    unchanged: int = 0
    changed: int = 0
    gone: int = 0
    new_events: int = 0
    newly_invalid: int = 0
    mended: int = 0
    money: dict[str, MoneyTally] = {}
    influence: dict[str, tuple[int, int]] = {}


class Example(msgspec.Struct, frozen=True, order=True):
    """A message in which something changed: `rank` decides which are kept, whoever counts them in whatever order."""

    rank: int
    coordinates: str
    old: str = ""
    new: str = ""


class FieldChange(msgspec.Struct):
    """Events in which one field differs, and some of them; `missing` have it no longer, `added` had none."""

    count: int = 0
    missing: int = 0
    added: int = 0
    examples: list[Example] = []


Move = tuple[str, str, str, str]

Reason = tuple[str, str, bool]
"""A condition that fails, its place (`file:line`), and whether the message lacks what it asks for."""

RankedReason = tuple[int, Reason]

MOST_REASONS: Final = 10
"""Events of a rule that is gone of which the reason is found."""


class Tallies(msgspec.Struct):
    """Everything that is counted. `changes` are by what it is, rule and field: `changed` (a field), `letter` (a
    message that is a dead letter now, and gave nothing), `problem` (field and code), `unreadable` (an optional
    field that is left out now, and why), `silenced` (a message that was invalid and is filtered now), `gone`,
    `draft`, `sampled`, `new`, `invalid` and `mended` (no field). `changed_values`: events of which more than the id
    differs; `changed_others`: of which a field differs that isn't said apart.

    `moves` are by what it is, rule, and the words before and after: `influence`, `currency`, `event_type`, `money`
    (or none), `renamed` (the rule's name, all else the same), `taken_over` (the rule's name, and more), `value` and
    `written` (the same amount), both without words. `amounts` are by rule and currency (the new one). `new_in` are
    events by topic that the old rules didn't give; `newest` are timestamps in milliseconds of topics whose
    `max_age` differs. `given` are topics, with the old and the new rule of an event, "" for none. `reordered`:
    events whose keys have another order, and nothing else. `event_money` is the money of events that only one side
    sends, by what became of them (`mended`: they were invalid), rule and currency; `times` are by rule, `owners` by
    rule, field, and whether it was missing; `new_letters` are messages that are invalid, were not, and lose no
    event by it; `gone_because` are some reasons for which events of a rule are gone, those of the lowest ranks;
    `unshown_currencies` are names of currencies that aren't codes, each with the first message that has it."""

    messages: int = 0
    types: dict[str, TypeTally] = {}
    changes: dict[tuple[str, str, str], FieldChange] = {}
    invalid_messages: tuple[int, int] = (0, 0)
    changed_messages: int = 0
    changed_values: int = 0
    changed_others: int = 0
    changed_ids: int = 0
    changed_id_rules: dict[str, int] = {}
    silenced_messages: int = 0
    moves: dict[Move, int] = {}
    amounts: dict[tuple[str, str], AmountMoves] = {}
    new_in: dict[str, int] = {}
    newest: dict[str, int] = {}
    given: set[tuple[str, str, str]] = set()
    reordered: int = 0
    event_money: dict[tuple[str, str, str], tuple[int, Decimal]] = {}
    times: dict[str, TimeMoves] = {}
    owners: dict[tuple[str, str, bool], OwnerMoves] = {}
    new_letters: int = 0
    gone_because: dict[str, list[RankedReason]] = {}
    unshown_currencies: dict[str, str] = {}

    def type(self, name: str) -> TypeTally:
        """The tally of an event type."""
        found = self.types.get(name)
        if found is None:
            found = self.types[name] = TypeTally()
        return found

    def change(self, what: str, rule: str, field: str, example: Example, most: int) -> FieldChange:
        """Count a change, and keep its example if it is among the `most` of the lowest ranks. Properties are told apart
        up to a bound: messages may name them, and never the other fields."""
        key = (what, rule, field)
        if key not in self.changes and len(self.changes) >= MOST_FIELDS and field.startswith("properties."):
            key = (what, *OTHERS)
        found = self.changes.get(key)
        if found is None:
            found = self.changes[key] = FieldChange()
        found.count += 1
        # Kept ones are sorted: nearly all others come too late.
        if len(found.examples) < most or [example] < found.examples[-1:]:
            found.examples = kept([*found.examples, example], most)
        return found

    def move(self, what: str, rule: str, old: str, new: str) -> None:
        """Count an event of which a word is another one."""
        key = (what, rule, old, new)
        if key not in self.moves and len(self.moves) >= MOST_FIELDS:
            key = (what, rule, "", "")
        self.moves[key] = self.moves.get(key, 0) + 1

    def amount(self, rule: str, currency: str, old: Decimal, new: Decimal) -> None:
        """Count an event whose amount is another one."""
        self.amounts.setdefault((rule, currency), AmountMoves()).move(old, new)

    def money(self, what: str, rule: str, currency: str, amount: Decimal, count: int = 1) -> None:
        """Count money of events that only one side sends; `what` is a kind of change."""
        known, sum_ = self.event_money.get((what, rule, currency), (0, ZERO))
        self.event_money[what, rule, currency] = (known + count, EXACT.add(sum_, amount))

    def unshown(self, currency: str, coordinates: str) -> None:
        """Note a message with a currency that isn't shown."""
        self.unshown_currencies[currency] = min(coordinates, self.unshown_currencies.get(currency, coordinates))

    def time(self, rule: str, old: str, new: str) -> None:
        """Count an event that happened at another time."""
        self.times.setdefault(rule, TimeMoves()).move(old, new)

    def owner(self, rule: str, field: str, old: str | None, new: str) -> None:
        """Count an event that is another one's now; None: it was nobody's."""
        self.owners.setdefault((rule, field, old is None), OwnerMoves()).move(old, new)

    def add(self, other: Tallies, most: int) -> None:
        """Count what another has counted of other messages."""
        self.messages += other.messages
        self.changed_messages += other.changed_messages
        self.changed_values += other.changed_values
        self.changed_others += other.changed_others
        self.changed_ids += other.changed_ids
        self.silenced_messages += other.silenced_messages
        self.invalid_messages = _sum(self.invalid_messages, other.invalid_messages)
        _add_counts(self.changed_id_rules, other.changed_id_rules)
        _add_counts(self.new_in, other.new_in)
        _add_counts(self.moves, other.moves)
        self.given |= other.given
        self.reordered += other.reordered
        self.new_letters += other.new_letters
        for (what, rule, currency), (count, amount) in other.event_money.items():
            self.money(what, rule, currency, amount, count)
        for each in other.unshown_currencies.items():
            self.unshown(*each)
        for rule, times in other.times.items():
            self.times.setdefault(rule, TimeMoves()).add(times)
        for owner, moves in other.owners.items():
            self.owners.setdefault(owner, OwnerMoves()).add(moves)
        for rule, reasons in other.gone_because.items():
            self.gone_because[rule] = heapq.nsmallest(MOST_REASONS, [*self.gone_because.get(rule, ()), *reasons])
        for topic, ms in other.newest.items():
            self.newest[topic] = max(ms, self.newest.get(topic, ms))
        for kind, amounts in other.amounts.items():
            self.amounts.setdefault(kind, AmountMoves()).add(amounts)
        for name, theirs in other.types.items():
            _add_type(self.type(name), theirs)
        for key, change in other.changes.items():
            found = self.changes.setdefault(key, FieldChange())
            found.count += change.count
            found.missing += change.missing
            found.added += change.added
            found.examples = kept([*found.examples, *change.examples], most)


def kept(examples: Iterable[Example], most: int) -> list[Example]:
    """Those of the lowest ranks, so that two runs keep the same."""
    return heapq.nsmallest(most, set(examples))


def add_money(tally: TypeTally, currency: str, old: Decimal | None, new: Decimal | None) -> None:
    """Add amounts of one currency; None of a side that has none."""
    found = tally.money.get(currency)
    if found is None:
        found = tally.money[currency] = MoneyTally()
    if old is not None:
        found.old = EXACT.add(found.old, old)
    if new is not None:
        found.new = EXACT.add(found.new, new)


_COUNTS: Final = ("old", "new", "unchanged", "changed", "gone", "new_events", "newly_invalid", "mended")


_K = TypeVar("_K", bound=Hashable)


def _add_counts(ours: dict[_K, int], theirs: dict[_K, int]) -> None:
    for key, count in theirs.items():
        ours[key] = ours.get(key, 0) + count


def _add_type(ours: TypeTally, theirs: TypeTally) -> None:
    for name in _COUNTS:
        setattr(ours, name, getattr(ours, name) + getattr(theirs, name))
    for currency, money in theirs.money.items():
        add_money(ours, currency, money.old, money.new)
    for influence, counts in theirs.influence.items():
        ours.influence[influence] = _sum(ours.influence.get(influence, (0, 0)), counts)


def _sum(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]

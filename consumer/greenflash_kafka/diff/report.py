"""The report of a diff, as data: what `diff --json` writes, and what its texts are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

import msgspec

from greenflash_kafka.diff.history_sent import NewTopic, TooOld
from greenflash_kafka.diff.setting_changes import SettingChange
from greenflash_kafka.diff.topic_changes import TopicChange
from greenflash_kafka.model.event_money import EXACT
from greenflash_kafka.model.offset_range import OffsetRange

VERSION: Final = 1

What = Literal[
    "changed", "draft", "gone", "invalid", "letter", "mended", "new", "problem", "sampled", "silenced", "unreadable"
]
MoveOf = Literal[
    "currency", "event_type", "id_by_name", "influence", "money", "renamed", "taken_over", "value", "written"
]


class ChangeExample(msgspec.Struct, frozen=True):
    """A message in which something changed: `topic/partition/offset`; with values, if they were asked for."""

    at: str
    old: str = ""
    new: str = ""


class Side(msgspec.Struct, frozen=True):
    """One of the rule sets: what it was called, its version (a short SHA-256) and its number of rules."""

    name: str
    version: str
    rules: int


class Counts(msgspec.Struct, frozen=True):
    """A number under the old rules and under the new ones."""

    old: int
    new: int


class Amounts(msgspec.Struct, frozen=True):
    """Money under the old rules and under the new ones, exact, as text."""

    old: Decimal
    new: Decimal


NOTHING: Final = Amounts(Decimal(0), Decimal(0))


class TypeReport(msgspec.Struct, frozen=True):
    """One event type; the numbers are those of `tallies.TypeTally`. `money` is by currency as sent, `money_stored` as
    the service stores it, each id once; `stored` are the events so. Both are None without ids. `numbers` are sums of
    numeric values that are no money, as sent and as stored."""

    old: int
    new: int
    unchanged: int
    changed: int
    gone: int
    new_events: int
    newly_invalid: int
    mended: int
    money: dict[str, Amounts]
    influence: dict[str, Counts]
    stored: Counts | None
    money_stored: dict[str, Amounts] | None
    numbers: Amounts | None = None
    numbers_stored: Amounts | None = None


class Ids(msgspec.Struct, frozen=True):
    """Events that stay and get another `insert_id`, by rule; the new ids among them (`again`, with their money by
    currency), of which each is stored if all messages are read again; ids that one side gives to two different
    events; and events that the service drops for it (not the same one again)."""

    changed: int
    rules: dict[str, int]
    two_contents: Counts | None
    dropped: Counts | None
    again: int | None = None
    money_again: dict[str, Decimal] = {}


class Change(msgspec.Struct, frozen=True):
    """One kind of change of one rule: `field` is the event field of a `changed` one, field and code of a `problem`.
    `missing` of a `changed` field: events that have it no longer; `added`: that had none."""

    what: str
    rule: str
    field: str
    count: int
    missing: int
    added: int
    examples: tuple[ChangeExample, ...]


class Moved(msgspec.Struct, frozen=True):
    """Events of a rule of which a word is another one; see `tallies.Tallies.moves`."""

    what: str
    rule: str
    old: str
    new: str
    count: int


class AmountChange(msgspec.Struct, frozen=True):
    """Events of a rule and (new) currency, "" for a number without one, whose amount is another one. `times`: the
    factor, if all have the same."""

    rule: str
    currency: str
    count: int
    larger: int
    smaller: int
    zero: int
    turned: int
    times: str
    words: str


class EventMoney(msgspec.Struct, frozen=True):
    """Events of a rule that only one side sends, with money of one currency; `what` is what became of them."""

    what: str
    rule: str
    currency: str
    count: int
    amount: Decimal


class TimeChange(msgspec.Struct, frozen=True):
    """Events of a rule that happened at another time: from `least_ms` to `most_ms` later, milliseconds; negative:
    earlier."""

    rule: str
    count: int
    least_ms: int
    most_ms: int


class OneOwner(msgspec.Struct, frozen=True):
    """Events of a rule that have one id in a field now, all of them together; before they had none (`missing`), or
    several."""

    rule: str
    field: str
    missing: bool
    count: int


class GoneBecause(msgspec.Struct, frozen=True):
    """Why `count` of the `looked_at` messages of a rule give no event any longer: the condition that fails, at a place
    `file:line`. `missing`: the messages don't have it."""

    rule: str
    condition: str
    at: str
    missing: bool
    count: int
    looked_at: int

    def words(self) -> str:
        """The condition, and where it stands."""
        place = f" ({self.at})" if self.at else ""
        missing = f", a field that {'this message lacks' if self.count == 1 else 'these messages lack'}"
        said = f"{self.condition}{place}{missing * self.missing}"
        return f"{self.rule}: {said}: {self.count:,} of {self.looked_at:,} that were looked at"


class Outside(msgspec.Struct, frozen=True):
    """What `run` does otherwise, and evaluation of the messages here doesn't show."""

    topics: tuple[NewTopic, ...] = ()
    settings: tuple[SettingChange, ...] = ()
    too_old: tuple[TooOld, ...] = ()
    read: tuple[TopicChange, ...] = ()
    left_out: tuple[str, ...] = ()


NOTHING_OUTSIDE: Final = Outside()


class DiffReport(msgspec.Struct, frozen=True):
    """`messages` are those that were read, in `ranges`; `missing` ranges were taken by retention meanwhile. Topics in
    `same` have the same rules on both sides and weren't read; those in `absent` have others, and couldn't be; those in
    `empty` have no message in the window.
    `changed_values` are events of which more than the id differs, `changed_others` those of which a field does that
    no alarm is about. `partial`: it was ended before all was read.
    `silenced_messages` were invalid, and are filtered now. `settings` differ, beside what is counted.
    `topic_changes` are topics and patterns that only one side reads; topics and patterns that are `left_out` have other
    rules, and aren't compared. `reordered` of the events that are the same have their keys in another order.
    `event_money` is that of events that only one side sends. `new_letters` are messages that are invalid now, were not
    before, and lose no event by it. `gone_because` has reasons of some events that are gone.
    `unshown_currencies` are names of currencies that aren't codes, each with a message that has it."""

    version: int
    program: str
    old: Side
    new: Side
    messages: int
    events: Counts
    stored: Counts | None
    invalid_messages: Counts
    changed_messages: int
    changed_values: int
    changed_others: int
    event_types: dict[str, TypeReport]
    ids: Ids
    changes: tuple[Change, ...]
    ranges: tuple[OffsetRange, ...]
    missing: tuple[OffsetRange, ...]
    same: tuple[str, ...]
    absent: tuple[str, ...]
    empty: tuple[str, ...]
    partial: bool
    silenced_messages: int
    amounts: tuple[AmountChange, ...]
    moved: tuple[Moved, ...]
    new_topics: tuple[NewTopic, ...]
    settings: tuple[SettingChange, ...]
    too_old: tuple[TooOld, ...]
    topic_changes: tuple[TopicChange, ...] = ()
    left_out: tuple[str, ...] = ()
    reordered: int = 0
    event_money: tuple[EventMoney, ...] = ()
    times: tuple[TimeChange, ...] = ()
    one_owner: tuple[OneOwner, ...] = ()
    new_letters: int = 0
    gone_because: tuple[GoneBecause, ...] = ()
    unshown_currencies: dict[str, str] = {}

    @property
    def compared(self) -> bool:
        """Whether it can be said what the change does: something was read, and no topic is absent."""
        return not self.absent and (self.messages > 0 or not (self.ranges or self.empty))

    @property
    def unchanged(self) -> int:
        """Events that are the same, `reordered` ones included."""
        return sum(each.unchanged for each in self.event_types.values())

    def of(self, what: What) -> list[Change]:
        """The changes of a kind, the most frequent first."""
        return [each for each in self.changes if each.what == what]

    def money_of(self, what: What) -> dict[str, Decimal]:
        """The money of events of which this became, by currency."""
        sums: dict[str, Decimal] = {}
        for each in self.event_money:
            if each.what == what:
                sums[each.currency] = EXACT.add(sums.get(each.currency, Decimal(0)), each.amount)
        return dict(sorted(sums.items()))

    def moves(self, what: MoveOf) -> list[Moved]:
        """The moves of a kind, the most frequent first."""
        return [each for each in self.moved if each.what == what]

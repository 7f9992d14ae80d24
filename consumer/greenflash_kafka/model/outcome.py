"""The outcome of a message: the result of `evaluate`."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from greenflash_kafka.model.event import Event
from greenflash_kafka.model.problem import Problem

Status = Literal["mapped", "filtered", "invalid"]


NOT_SENT: Final = ("draft", "sampled-out")
"""Codes of counts that stand for a whole event."""


class Count(msgspec.Struct, frozen=True, gc=False):
    """Something ordinary that is counted, not refused: an optional field left out, a comparison that couldn't be made.

    `code` is a problem code, `no-earlier-value`, `draft` (an event of a draft rule) or `sampled-out` (one that isn't in
    the rule's sample); `field` the event field, or the condition's path.
    """

    code: str
    rule: str | None = None
    field: str | None = None


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """The events that a message gives, and what was wrong with it.

    invalid: any problem (the good events are sent all the same); mapped: events and no problem; filtered: neither.
    `skipped` is what the message is instead of a fact for rules (`decoded.Skipped`); then it is filtered.
    """

    events: tuple[Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: tuple[Count, ...] = ()
    skipped: str | None = None

    @property
    def status(self) -> Status:
        """`invalid`, `mapped` or `filtered`."""
        if self.problems:
            return "invalid"
        return "mapped" if self.events else "filtered"


FILTERED = Outcome()
"""The outcome of a message that no rule matches; shared, since most messages have it."""

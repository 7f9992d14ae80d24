"""Results of applying rules to a payload: event drafts, problems, counts, and reasons for matching or not."""

from __future__ import annotations

from typing import Literal

import msgspec

from greenflash_kafka.model.conversations import Link
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem


class Draft(msgspec.Struct, gc=False):
    """An event that a rule gives, before it has its identity and the API's rules were checked: what compiled events
    leave to the plain builder.

    `fields` holds the values as `model.event.Event` wants them, without `insert_id`, and `event_at` only if the
    rule gave one. `key` is the rule's `insert_id` as text; None when the rule has none (then the record's
    coordinates make the id). `link`: how it was linked to a conversation; None for a rule that doesn't link.
    """

    rule: str
    item: int | None
    fields: dict[str, object]
    key: str | None
    link: Link | None = None


class Applied(msgspec.Struct, frozen=True, gc=False):
    """What all rules of a topic make of one message. A broken event is a problem and no draft; an `Event` among the
    drafts is finished."""

    drafts: tuple[Draft | Event, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: tuple[Count, ...] = ()


class Explanation(msgspec.Struct, frozen=True):
    """Why a rule (for one item, with `each`) did or didn't give an event.

    `condition` is the first one that failed, its path as it is written in the file, or `where`, `each`, `valid`,
    `first_match`; None when the rule matched. `problems` are those of this rule and item, none unless `invalid`.
    """

    rule: str
    item: int | None
    result: Literal["matched", "failed", "invalid"]
    condition: str | None = None
    problems: tuple[Problem, ...] = ()
    file: str = ""

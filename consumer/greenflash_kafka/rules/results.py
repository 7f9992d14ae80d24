"""Results of applying rules to a payload: drafts, problems, counts, and reasons for matching or not."""

from __future__ import annotations

from typing import Literal

import msgspec

from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.model.topic_tables import TableRow
from greenflash_kafka.rules.rejected_event import RejectedEvent

Draft = Event | RejectedEvent | Activity | TableRow
"""What a rule makes of a message (or item) that it matches: an event, for a conversation source an activity, for a
table from a topic a row."""


class EvaluationResult(msgspec.Struct, gc=False, eq=False):
    """What all rules of a topic make of one message; filled by the rules. Of an event that lacks something there are
    problems and no draft."""

    drafts: list[Draft] = []
    problems: list[Problem] = []
    counts: list[Count] = []


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

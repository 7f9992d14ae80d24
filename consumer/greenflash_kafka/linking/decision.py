"""The decision about an event's conversation: rows of its keys in, an answer out. No state, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from greenflash_kafka.model.conversations import (
    CROWDED,
    LATE_MS,
    SKEW_MS,
    Answer,
    Candidate,
    ConversationSource,
    Question,
    Result,
    Verdict,
)

Row = tuple[str, int, int]
"""(conversation, at, logged), in milliseconds since 1970: what one conversation did in one minute, represented by the
activity with the smallest (logged, at)."""

ALWAYS: Final = -(1 << 62)
"""A floor below every time: nothing is missing from the history."""

NEVER: Final = 1 << 62
"""A floor above every time: anything may be missing."""


class KeyRows(msgspec.Struct, frozen=True, gc=False):
    """Rows of one key of one source, and the time by the log (milliseconds) up to which its records count."""

    source: ConversationSource
    key: str
    horizon: int
    rows: Sequence[Row]


def decide(question: Question, parts: Sequence[KeyRows], floor: int, late: int = LATE_MS) -> Answer:
    """The conversation of an event.

    `floor` (milliseconds): what was logged before it may be missing from the rows. Rows of the keys of several sources
    are one set; each counts up to the horizon of its own source. `late` as in `Question.begin`.
    """
    low, high = question.begin(late), question.at + SKEW_MS
    best: tuple[int, str] | None = None
    source: ConversationSource | None = None
    several = False
    first = question.touch == "first"
    for part in parts:
        horizon = part.horizon
        counted = 0
        for conversation, at, logged in part.rows:
            if logged > horizon or not low <= at <= high:
                continue
            counted += 1
            this = (at, conversation)
            if best is None:
                best, source = this, part.source
                continue
            several = several or conversation != best[1]
            if this < best if first else this > best:
                best, source = this, part.source
        if counted > CROWDED:
            return Answer("crowded")
    return answer(question, low, best, source, several, floor)


def answer(
    question: Question,
    low: int,
    best: tuple[int, str] | None,
    source: ConversationSource | None,
    several: bool,
    floor: int,
) -> Answer:
    """The answer for the best candidate (at, conversation) of its source. `low`: the time from which on activities
    count; `several`: there are candidates of other conversations too; it matters for `single` only."""
    # What may be missing for good is named first: that can't be decided, the rest is.
    lacks: Result | None = (
        "history" if low < floor else "reported-late" if low > question.at - question.lookback else None
    )
    if best is None or source is None:
        return Answer(lacks or "none")
    at, conversation = best
    if question.touch == "single" and several:
        return Answer("ambiguous")
    if lacks is not None and question.touch != "last":
        # An earlier one may be missing. The last one can't be: what is missing was logged before, or is older.
        return Answer(lacks)
    return Answer("linked", conversation, source.name, at, source.greenflash_id)


def candidates(question: Question, parts: Sequence[KeyRows], chosen: Answer, late: int = LATE_MS) -> list[Candidate]:
    """Every row with the reason why it is the answer, or isn't; latest activity first. `late` as in
    `Question.begin`."""
    low = question.begin(late)
    found = [
        Candidate(conversation, part.source.name, part.key, at, logged, part.horizon, "earlier")
        for part in parts
        for conversation, at, logged in part.rows
    ]
    found.sort(key=lambda each: (each.at, each.conversation, each.source, each.key), reverse=True)
    said: list[Candidate] = []
    taken = False
    for each in found:
        verdict = _verdict(question, low, each, chosen, taken)
        taken = taken or verdict == "chosen"
        said.append(msgspec.structs.replace(each, verdict=verdict))
    return said


def _verdict(question: Question, low: int, row: Candidate, chosen: Answer, taken: bool) -> Verdict:
    if row.at > question.at + SKEW_MS:
        return "after-event"
    if row.at < question.at - question.lookback:
        return "before-lookback"
    if row.at < low:
        return "reported-late"
    if row.logged > row.horizon:
        return "logged-too-late"
    if chosen.result != "linked":
        return "reported-late" if chosen.result == "reported-late" else "ambiguous"
    if not taken and (row.conversation, row.at, row.source) == (chosen.conversation, chosen.at, chosen.source):
        return "chosen"
    return "later" if row.at > chosen.at or (row.at == chosen.at and question.touch == "first") else "earlier"

"""Judgement of a dead letter by today's rules: the events still to be sent, or the reason why it stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from greenflash_kafka.dlq.reader import ParsedDeadLetter
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

UNDECIDED: Final = {
    "history": "conversation topics no longer reach back to what its link may find; --unlinked sends it without one",
    "not-ready": "its conversation can't be looked up; --unlinked sends it without one",
}
"""Results of linking that say nothing about the letter: it stays, since another replay may know better."""


class Judged(msgspec.Struct, frozen=True):
    """Today's result for a dead letter: the events still to be sent, or the reason why it stays (`code`, `text`). With
    a `want` there is no result yet, and nothing else is set."""

    events: tuple[Event, ...] = ()
    code: str = ""
    text: str = ""
    rule: str = ""
    want: Want | None = None


class Judge:
    """Today's rules, applied to dead letters; `original` fetches a message that the dead letter only refers to;
    `evaluates` is `evaluate`, or `resolve` to wait for a result. `unlinked`: events whose conversation nobody can look
    up any more go out without one."""

    def __init__(
        self,
        snapshot: Snapshot,
        original: Callable[[ParsedDeadLetter], Message | None],
        evaluates: Callable[[Message, Snapshot], Outcome | NotYet] = evaluate,
        *,
        unlinked: bool = False,
    ) -> None:
        self._unlinked = unlinked
        self._snapshot = snapshot
        self._original = original
        self._evaluate = evaluates
        self.known = snapshot.known
        """Whether what a letter wanted is known by now."""

    def ask(self) -> None:
        """Drive the questions for schemas that letters wait for."""
        if self._snapshot.schemas is not None:
            self._snapshot.schemas.poll()

    def message(self, kept: ParsedDeadLetter) -> Message | None:
        """The original message, None when it isn't available any more."""
        return self._original(kept) if kept.left_out else kept.dead_letter.message

    def snapshot(self, kept: ParsedDeadLetter) -> Snapshot:
        """Today's rules with the identity of the first time: cluster and topic id are the letter's, never today's."""
        ids = {kept.dead_letter.message.topic: kept.origin.topic_id}
        context = self._snapshot.context
        context = msgspec.structs.replace(context, cluster_id=kept.origin.cluster_id, topic_ids=ids)
        return self._snapshot.with_context(context)

    def judge(self, kept: ParsedDeadLetter) -> Judged:
        """The events that would be sent now. A dead letter passes as a whole, or stays as a whole."""
        message = self.message(kept)
        if message is None:
            return Judged(code="original-gone", text="the letter refers to its original, which isn't there any more")
        outcome = self._evaluate(message, self.snapshot(kept))
        if isinstance(outcome, NotYet):
            return Judged(want=outcome.want)
        if outcome.problems:
            first = outcome.problems[0]
            return Judged(code=first.code, text=first.describe(), rule=first.rule or "")
        if not outcome.events:
            return Judged(code="filtered", text="no rule asks for it today")
        ids = {event.insert_id for event in outcome.events}
        if not kept.perhaps_stored <= ids:
            # A renamed rule, or another key: what Greenflash has would be stored a second time under another id.
            return Judged(code="other-ids", text="what Greenflash has, or may have, would get another insert_id today")
        events = tuple(event for event in outcome.events if event.insert_id not in kept.accepted)
        for event in () if self._unlinked else events:
            if event.link is not None and event.link.result in UNDECIDED:
                result = event.link.result
                return Judged(code=f"link-{result}", text=UNDECIDED[result], rule=event.rule)
        return Judged(events)

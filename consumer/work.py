"""A message in hand: what is known of it from its evaluation to its ack."""

from __future__ import annotations

from typing import Protocol

from consumer.delivery.response_table import Verdict
from consumer.delivery.send import Send
from consumer.model.message import Message
from consumer.model.outcome import Outcome
from consumer.offsets.tracker import PartitionTracker
from consumer.ports import DeadLetter, TopicPartition

EVENT_COST = 2048
"""Bytes of memory that an event in hand takes beside its message's value, about."""


def cost(message: Message, outcome: Outcome) -> int:
    """Bytes of memory that a message in hand takes, about: small messages cost their events, not their bytes."""
    return len(message.value or b"") + len(message.key or b"") + EVENT_COST * (1 + len(outcome.events))


class Settling(Protocol):
    """Who goes on with a message once nothing more can become of its events: the pipeline."""

    draining: bool

    def events_settled(self, work: Work) -> None:
        """Every event is accepted or refused for good."""
        ...

    def abandoned(self, work: Work) -> None:
        """An event won't be sent by us."""
        ...


class Work:
    """A message in hand, from its evaluation to its ack; the `delivery.send.Owner` of its events."""

    __slots__ = (
        "_pipeline",
        "attempts",
        "began",
        "cost",
        "key",
        "last_code",
        "left",
        "message",
        "outcome",
        "partition",
        "refused",
        "results",
        "tracker",
    )

    def __init__(self, pipeline: Settling, message: Message, tracker: PartitionTracker, outcome: Outcome) -> None:
        self._pipeline = pipeline
        self.message = message
        self.tracker = tracker
        self.outcome = outcome
        self.partition: TopicPartition = tracker.partition
        self.key = message.key
        self.cost = cost(message, outcome)
        self.began = 0.0
        self.left = len(outcome.events)
        self.attempts = 0
        self.last_code = ""
        """The latest answer to one of its events that wasn't an acceptance."""
        self.refused: Verdict | None = None
        self.results: dict[str, str] | None = None

    @property
    def may_send(self) -> bool:
        """Not while the partition goes, nor while the process drains."""
        return not (self.tracker.closing or self._pipeline.draining)

    def settled(self, send: Send, verdict: Verdict) -> None:
        """One of the events is accepted, or refused for good; after the last one the message itself is settled."""
        self.left -= 1
        self.attempts = max(self.attempts, send.attempts)
        if verdict.action != "accepted":
            self.refused = verdict
            self.results = self.results or {}
            self.results[send.event.insert_id] = verdict.code
        if self.left == 0:
            self._pipeline.events_settled(self)

    def failed(self, send: Send, verdict: Verdict) -> None:  # noqa: ARG002 - which event it was doesn't matter
        """A try failed and will be repeated."""
        self.last_code = verdict.code

    def abandoned(self, send: Send) -> None:  # noqa: ARG002 - the whole message is given up
        """It stays unfinished: whoever owns the partition next sends it again, under the same ids."""
        self._pipeline.abandoned(self)

    def letter(self) -> DeadLetter:
        """The message as a dead letter: the first problem, or what was refused, and what became of every event."""
        outcome, refused = self.outcome, self.refused
        results = self.results or {}
        entries: list[tuple[str, int | None, str | None, str]] = [
            (event.rule, event.item, event.insert_id, results.get(event.insert_id, "accepted"))
            for event in outcome.events
        ]
        entries += [(each.rule or "", each.item, None, each.code) for each in outcome.problems]
        if outcome.problems:
            code: str = outcome.problems[0].code
            # A header holds the first few anyway; a thousand items may each have their own.
            text = "; ".join(each.describe() for each in outcome.problems[:20])
        else:
            assert refused is not None
            code, text = refused.code, refused.text
        return DeadLetter(self.message, code, text, self.attempts, tuple(entries))

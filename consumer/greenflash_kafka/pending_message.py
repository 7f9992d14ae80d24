"""A pending message: its state from evaluation to ack."""

from __future__ import annotations

from typing import Protocol

import msgspec

from greenflash_kafka.delivery.queue import Send
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.ports import DeadLetter, TopicPartition

EVENT_COST = 2048
"""Approximate memory of a pending event beside its message's value, in bytes."""


class Settling(Protocol):
    """The receiver of a message whose events are finished: the pipeline."""

    draining: bool

    def events_settled(self, pending: PendingMessage) -> None:
        """Every event is accepted or refused for good."""
        ...

    def abandoned(self, pending: PendingMessage) -> None:
        """An event won't be sent by this process."""
        ...


class PendingMessage(msgspec.Struct, gc=False, eq=False):
    """A pending message, from its evaluation to its ack; the `delivery.queue.Owner` of its events.

    `cost`: bytes of memory that it takes, about: small messages cost their events, not their bytes. `rules`: version of
    the rules that evaluated it. `left`: events
    that aren't settled. `last_code`: the latest answer to one of its events that wasn't an acceptance.
    """

    pipeline: Settling
    message: Message
    tracker: OffsetTracker
    outcome: Outcome
    partition: TopicPartition
    key: bytes | None
    began: float
    cost: int
    rules: str
    left: int
    record_ms: int | None = None
    attempts: int = 0
    last_code: str = ""
    refused: Verdict | None = None
    results: dict[str, str] | None = None

    @property
    def sent(self) -> bool:
        """True if one of its events was sent, and answered."""
        return bool(self.attempts or self.last_code)

    @property
    def may_send(self) -> bool:
        """False while the partition is being revoked, and while the process drains."""
        return not (self.tracker.closing or self.pipeline.draining)

    def settled(self, send: Send, verdict: Verdict) -> None:
        """One of the events is accepted, or refused for good; after the last one the message itself is settled."""
        self.left -= 1
        if send.attempts > self.attempts:
            self.attempts = send.attempts
        if verdict.action != "accepted":
            self.refused = verdict
            self.results = self.results or {}
            self.results[send.event.insert_id] = verdict.code
        if self.left == 0:
            self.pipeline.events_settled(self)

    def failed(self, send: Send, verdict: Verdict) -> None:  # noqa: ARG002 - which event it was doesn't matter
        """An attempt failed and will be repeated."""
        self.last_code = verdict.code

    def abandoned(self, send: Send) -> None:  # noqa: ARG002 - the whole message is given up
        """It stays unfinished: the partition's next owner sends it again, under the same ids."""
        self.pipeline.abandoned(self)

    def dead_letter(self) -> DeadLetter:
        """The message as a dead letter: the first problem or rejection, and the result of every event."""
        outcome, refused = self.outcome, self.refused
        results = self.results or {}
        entries: list[tuple[str, int | None, str | None, str]] = [
            (event.rule, event.item, event.insert_id, results.get(event.insert_id, "accepted"))
            for event in outcome.events
        ]
        entries += [(each.rule or "", each.item, None, each.code) for each in outcome.problems]
        if outcome.problems:
            first = outcome.problems[0]
            code: str = first.code
            rule, field = first.rule or "", first.field or ""
            # A header holds the first few anyway; a thousand items may each have their own.
            text = "; ".join(each.describe() for each in outcome.problems[:20])
        else:
            assert refused is not None
            code, text = refused.code, refused.text
            rule = next((event.rule for event in outcome.events if results.get(event.insert_id) == code), "")
            field = ""
        return DeadLetter(self.message, code, text, self.attempts, tuple(entries), self.rules, rule, field)


class PendingMessages:
    """All pending messages, their memory, and the number of them that are being written to the dead-letter topic."""

    __slots__ = ("bytes", "dead_letters", "given_up", "messages")

    def __init__(self) -> None:
        self.messages: set[PendingMessage] = set()
        self.given_up: set[PendingMessage] = set()
        """Those that a process which ends won't settle."""
        self.bytes = 0
        self.dead_letters = 0

    def add(self, pending: PendingMessage) -> None:
        """Add a message that gives events."""
        self.messages.add(pending)
        self.bytes += pending.cost
        pending.tracker.bytes_in_hand += pending.cost

    def give_up(self, pending: PendingMessage) -> None:
        """Remove a message that this process won't settle."""
        self.discard(pending)
        if pending.pipeline.draining:
            self.given_up.add(pending)

    def discard(self, pending: PendingMessage) -> None:
        """Remove a message that is settled, or belongs to another member; repeated calls are allowed."""
        if pending in self.messages:
            self.messages.discard(pending)
            self.bytes -= pending.cost
            pending.tracker.bytes_in_hand -= pending.cost


def begin(
    pipeline: Settling, message: Message, tracker: OffsetTracker, outcome: Outcome, now: float, rules: str
) -> PendingMessage:
    """The pending message of an evaluated one; `rules` is the version of the rules that evaluated it."""
    key, value, events = message.key, message.value, len(outcome.events)
    size = (0 if value is None else len(value)) + (0 if key is None else len(key)) + EVENT_COST * (1 + events)
    record_ms = message.record_ms
    return PendingMessage(
        pipeline, message, tracker, outcome, tracker.partition, key, now, size, rules, events, record_ms
    )

"""Questions that rules ask for the conversations of their events, and a sample of them, the same in every run."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

import msgspec

from greenflash_kafka.asked_questions import AskedQuestions, asking, questions_of
from greenflash_kafka.model.conversations import Question
from greenflash_kafka.model.outcome import Outcome

SAMPLE: Final = 2_000
"""So many events of a rule are kept."""


class LinkEvent(msgspec.Struct, frozen=True):
    """An event that asks for its conversation: `questions` are the ways in which it asks, in turn."""

    questions: tuple[Question, ...]


class LinkSample(msgspec.Struct):
    """Events of one rule that ask for their conversation: their number, and the events by a hash of their message's
    coordinates, the highest SAMPLE of which are the sample; some more are kept meanwhile. `lowest`: with a lower hash
    an event isn't among them any more."""

    events: int = 0
    kept: dict[int, LinkEvent] = {}
    lowest: int = 0

    @property
    def sampled(self) -> dict[int, LinkEvent]:
        """The sample."""
        return {order: self.kept[order] for order in heapq.nlargest(SAMPLE, self.kept)}

    def add(self, order: int, event: LinkEvent) -> None:
        """Keep an event."""
        self.kept[order] = event
        if len(self.kept) > 2 * SAMPLE:
            self._cut()

    def merge(self, other: LinkSample) -> None:
        """Count and keep the events of another sample."""
        self.events += other.events
        self.kept |= other.kept
        self._cut()

    def _cut(self) -> None:
        self.kept = self.sampled
        if len(self.kept) == SAMPLE:
            self.lowest = min(self.kept)


class LinkSamples:
    """The samples of all rules that link, by their names: `by_rule`. `asked` is what messages are evaluated with."""

    def __init__(self, asked: AskedQuestions, by_rule: dict[str, LinkSample]) -> None:
        self._asked = asked
        self._by_rule = by_rule

    def count(self, coordinates: str, outcome: Outcome, again: Callable[[], Outcome]) -> None:
        """Count the events of a message that asked for their conversation; whose question is whose is found out only
        for those that may be among the sample. `again` evaluates the message once more."""
        wanted: list[tuple[LinkSample, int, str]] = []
        for number, event in enumerate(asking(outcome.events)):
            sample = self._by_rule.get(event.rule)
            if sample is None:
                sample = self._by_rule[event.rule] = LinkSample()
            sample.events += 1
            name = f"{coordinates} {number}".encode()
            order = int.from_bytes(blake2b(name, digest_size=8).digest())
            if order >= sample.lowest:
                wanted.append((sample, order, event.insert_id))
        questions = questions_of(outcome, self._asked, again) if wanted else {}
        for sample, order, event_id in wanted:
            if event_id in questions:
                sample.add(order, LinkEvent(questions[event_id]))

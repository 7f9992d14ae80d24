"""Questions that rules ask for the conversations of their events, and a sample of them, the same in every run."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from greenflash_kafka.model.conversations import Answer, Candidate, Question
from greenflash_kafka.model.event import Event

SAMPLE: Final = 2_000
"""So many events of a rule are kept."""

_NONE: Final = Answer("none")


class AskedLinks:
    """`model.conversations.Conversations` that knows none, and remembers the questions of one message."""

    def __init__(self) -> None:
        self.asked: list[Question] = []

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:  # noqa: ARG002
        """True: nobody waits."""
        return True

    def find(self, question: Question) -> Answer:
        """None is found: so every way of a rule is asked for."""
        self.asked.append(question)
        return _NONE

    def candidates(self, question: Question) -> Sequence[Candidate]:  # noqa: ARG002
        """None."""
        return ()


class LinkEvent(msgspec.Struct, frozen=True):
    """An event that asks for its conversation: `questions` are the ways in which it asks, in turn."""

    questions: tuple[Question, ...]


class LinkSample(msgspec.Struct):
    """Events of one rule that ask for their conversation: their number, and the events by a hash of their message's
    coordinates, the highest SAMPLE of which are the sample; some more are kept meanwhile."""

    events: int = 0
    kept: dict[int, LinkEvent] = {}

    @property
    def sampled(self) -> dict[int, LinkEvent]:
        """The sample."""
        return {order: self.kept[order] for order in heapq.nlargest(SAMPLE, self.kept)}

    def add(self, order: int, event: LinkEvent) -> None:
        """Count an event."""
        self.events += 1
        self.kept[order] = event
        if len(self.kept) > 2 * SAMPLE:
            self.kept = self.sampled

    def merge(self, other: LinkSample) -> None:
        """Count the events of another sample."""
        self.events += other.events
        self.kept |= other.kept
        self.kept = self.sampled


def link_events(
    coordinates: str, events: Iterable[Event], asked: Sequence[Question]
) -> Iterator[tuple[str, int, LinkEvent]]:
    """The events of one message that asked, with the rule of each ("a, b" where nobody can tell which of several it
    is) and its hash. Each of n events asked an equal part of the questions; where that can't be, nothing is said."""
    asking = [each.rule for each in events if each.link is not None and each.link.result == "none"]
    if not asking or len(asked) % len(asking):
        return
    rule, size = ", ".join(dict.fromkeys(asking)), len(asked) // len(asking)
    for number in range(len(asking)):
        name = f"{coordinates} {number}".encode()
        order = int.from_bytes(blake2b(name, digest_size=8).digest())
        yield rule, order, LinkEvent(tuple(asked[number * size : (number + 1) * size]))

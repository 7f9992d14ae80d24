"""Shares of events that have a conversation, beside the share that they would have by chance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Protocol

import msgspec

from greenflash_kafka.coverage.link_questions import LinkSample
from greenflash_kafka.model.conversations import DAY_MS, Answer, Question

HOUR_MS: Final = 3_600_000
LOOKBACKS: Final[Mapping[str, int]] = {"1h": HOUR_MS, "24h": DAY_MS, "7d": 7 * DAY_MS, "30d": 30 * DAY_MS}
"""Milliseconds of each lookback for which shares are given."""

LONGEST_MS: Final = 2 * max(LOOKBACKS.values())
"""How far before an event conversations are looked for."""

LEAST: Final = 1.5
"""A linked share that isn't so many times that by chance says little about cause and effect."""

FEW: Final = 30
"""Of fewer events nothing is concluded."""


class LinkShare(msgspec.Struct, frozen=True):
    """Events of a rule for one lookback: those of the sample that can be judged, those with a conversation, and those
    that would have one if they had happened `shift_ms` earlier."""

    rule: str
    lookback: str
    events: int
    linked: int
    by_chance: int

    @property
    def weak(self) -> bool:
        """Whether the share is less than LEAST times that by chance."""
        return self.events >= FEW and self.linked < LEAST * self.by_chance


class FindsConversation(Protocol):
    """Who knows the conversations."""

    def find(self, question: Question) -> Answer:
        """See `model.conversations.Conversations`."""
        ...


def shift_ms(lookback: int) -> int:
    """By how much earlier an event is asked about to learn what chance does: beyond its lookback, and whole days, so
    that it is the same time of the day."""
    return -(-lookback // DAY_MS) * DAY_MS


def link_shares(samples: Mapping[str, LinkSample], conversations: FindsConversation, floor: int) -> Iterator[LinkShare]:
    """The shares of each rule and lookback; of those for which no event can be judged there is none.

    `floor` (milliseconds since 1970): what happened before it may not be among the conversations. An event is judged if
    both its own lookback and the one that is shifted lie behind it, so that both shares are of the same events.
    """
    for rule, sample in sorted(samples.items()):
        for name, lookback in LOOKBACKS.items():
            shift = shift_ms(lookback)
            judged = [each for each in sample.sampled.values() if each.questions[0].at - lookback - shift >= floor]
            if judged:
                linked, chance = (
                    sum(_found(each.questions, conversations, lookback, by) for each in judged) for by in (0, shift)
                )
                yield LinkShare(rule, name, len(judged), linked, chance)


def _found(questions: tuple[Question, ...], conversations: FindsConversation, lookback: int, earlier: int) -> bool:
    return any(
        conversations.find(
            msgspec.structs.replace(
                each, at=each.at - earlier, recorded=each.recorded - earlier, lookback=lookback, touch="last"
            )
        ).result
        == "linked"
        for each in questions
    )

"""The search for conversations in a table: the rows of an event's keys, and the decision over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from greenflash_kafka.linking import decision
from greenflash_kafka.linking.decision import KeyRows
from greenflash_kafka.linking.key_hash import KeyHash
from greenflash_kafka.linking.table import ActivityTable
from greenflash_kafka.model.conversations import (
    CROWDED,
    LATE_MS,
    SKEW_MS,
    Answer,
    Candidate,
    ConversationSource,
    Question,
)

_SHOWN: Final = 1_000
"""Rows of a key that an explanation shows at most."""

_REMEMBERED: Final = 10_000
_EVER: Final = 1 << 45
"""Milliseconds from 1970 on, further than the year 3000."""

Place = tuple[KeyHash, ConversationSource, int, str, int]
"""A source in which a question's key is looked for: the hash of its keys, the source, the key's place in the question,
its name, and milliseconds that the source's records may be late."""


class Search:
    """Finds conversations in a table. Knows nothing of how far the logs are read. `late` as in `Question.begin`."""

    def __init__(self, sources: Sequence[ConversationSource], table: ActivityTable, late: int = LATE_MS) -> None:
        self._late = late
        self._sources = tuple(sources)
        self._table = table
        self._places: dict[tuple[object, ...], tuple[Place, ...]] = {}

    def places(self, question: Question) -> tuple[Place, ...]:
        """Where the question's keys are looked for: in the sources that it names, or all, if they are those of its
        product or of any."""
        names = tuple([name for name, _ in question.keys])
        shape = (question.to, question.product, names)
        found = self._places.get(shape)
        if found is None:
            found = tuple(
                (self._table.hasher(source.name, name), source, index, name, source.max_delay_ms)
                for source in self._sources
                if _searched(source, question)
                for index, name in enumerate(names)
                if name in source.keys
            )
            if len(self._places) < _REMEMBERED:
                self._places[shape] = found
        return found

    def find(self, question: Question, places: Sequence[Place], floor: int) -> Answer:
        """The conversation of an event. `floor` as in `decision.decide`. Raises TableFailed."""
        keys = question.keys
        if not keys:
            return Answer("no-key")
        if question.touch != "last":
            return self._find_among_all(question, places, floor)
        recorded = question.recorded
        low, high = question.begin(self._late), question.at + SKEW_MS
        best: tuple[int, str] | None = None
        of: ConversationSource | None = None
        last = self._table.last
        for hashed, source, index, _, delay in places:
            crowded, found = last(hashed(keys[index][1]), low, high, recorded + delay, CROWDED)
            if crowded:
                return Answer("crowded")
            if found is not None and (best is None or found > best):
                best, of = found, source
        if of is None or best is None:
            return decision.answer(question, low, None, None, False, floor)
        # Whatever is missing was logged before: the last one is right, however far the history reaches.
        return Answer("linked", best[1], of.name, best[0], of.greenflash_id)

    def candidates(self, question: Question, places: Sequence[Place], floor: int) -> list[Candidate]:
        """The newest rows of every key, each with the reason why it is chosen or not. Raises TableFailed."""
        parts = [
            KeyRows(
                source,
                name,
                question.recorded + source.max_delay_ms,
                self._table.newest(hashed(question.keys[index][1]), -_EVER, _EVER, _SHOWN),
            )
            for hashed, source, index, name, _ in places
        ]
        return decision.candidates(question, parts, self.find(question, places, floor), self._late)

    def _find_among_all(self, question: Question, places: Sequence[Place], floor: int) -> Answer:
        low, high = question.begin(self._late), question.at + SKEW_MS
        parts = []
        for hashed, source, index, name, delay in places:
            horizon = question.recorded + delay
            rows = self._table.counted(hashed(question.keys[index][1]), low, high, horizon, CROWDED + 1)
            parts.append(KeyRows(source, name, horizon, rows))
        return decision.decide(question, parts, floor, self._late)


def _searched(source: ConversationSource, question: Question) -> bool:
    if question.to and source.name not in question.to:
        return False
    return source.product_id is None or source.product_id == question.product

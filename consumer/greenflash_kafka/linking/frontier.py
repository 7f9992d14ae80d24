"""The frontier: the time by the logs up to which everything has been read, proved by records or by the brokers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.ports import LogEnds, TopicPartition

MARGIN_MS: Final = 5_000
"""Milliseconds that our clock, the brokers' and the producers' may differ: a question about an end proves what was
stamped so long before it."""

_QUESTIONS: Final = 64
"""Answers of a partition that are remembered until they are reached; of more than that the newest replaces the last."""


class _Reach:
    """One partition: the largest stamp read, the next offset, the last question that was reached, and the answers
    (time of the question, end, `asked_at`) that aren't reached yet. `asked_at`: how far it was known as the question
    was asked; `sealed`: see `Frontier.gap`, None without one."""

    __slots__ = ("asked_at", "clock", "next", "questions", "sealed", "sure")

    def __init__(self, position: int, clock: int) -> None:
        self.next = position
        self.clock = clock
        self.sure = ALWAYS
        self.questions: list[tuple[int, int, int]] = []
        self.asked_at = ALWAYS
        self.sealed: int | None = None

    def known(self, margin: int) -> int:
        """The time up to which its records are read. One with the same stamp as the last one may follow, so that the
        stamp itself isn't."""
        return max(self.clock - 1, self.sure - margin)


class Frontier:
    """What has been read, of each partition. Times are milliseconds since 1970. No clock, no state but this."""

    def __init__(self, margin: int = MARGIN_MS) -> None:
        self._margin = margin
        self._listed = ALWAYS
        self._partitions: dict[TopicPartition, _Reach] = {}

    def open(self, partition: TopicPartition, position: int, clock: int, *, gap: bool = False) -> None:
        """Begin a partition at this offset; `clock` is the largest stamp before it that was read. `gap`: there was one
        before it."""
        reach = self._partitions[partition] = _Reach(position, clock)
        if gap:
            reach.sealed = ALWAYS

    def drop(self, partition: TopicPartition) -> None:
        """Forget a partition: it doesn't exist any more."""
        self._partitions.pop(partition, None)

    def gap(self, partition: TopicPartition) -> None:
        """Behind this offset, records were deleted that others replace: these may stand anywhere up to the end. From
        now on a time is known if it was known as a question was asked whose end is reached."""
        reach = self._partitions[partition]
        if reach.sealed is None:
            reach.sealed = reach.known(self._margin)

    def asks_now(self) -> None:
        """Note how far all is known: the next answer is to a question that begins now, or later."""
        for reach in self._partitions.values():
            reach.asked_at = reach.known(self._margin)

    def answered(self, ends: LogEnds) -> None:
        """Note an answer of the brokers. Its partitions are all there are only if it is complete and each of them is
        open; of an incomplete answer only the ends count."""
        for partition, found in ends.partitions.items():
            reach = self._partitions.get(partition)
            if reach is None:
                continue
            questions = reach.questions
            if questions and (questions[-1][1] == found.end or len(questions) == _QUESTIONS):
                questions.pop()
            questions.append((ends.asked, found.end, reach.asked_at))
            self._settle(reach)
        if not ends.failed and all(each in self._partitions for each in ends.partitions):
            self._listed = max(self._listed, ends.asked)

    def read(self, partition: TopicPartition, position: int, clock: int) -> None:
        """Everything before this offset is known; `clock` is the largest stamp of it."""
        reach = self._partitions[partition]
        reach.next = max(reach.next, position)
        reach.clock = max(reach.clock, clock)
        self._settle(reach)

    def asks(self, partition: TopicPartition) -> bool:
        """True if there is an answer about the partition's end that isn't reached yet."""
        return bool(self._partitions[partition].questions)

    def of(self, partitions: Iterable[TopicPartition]) -> int:
        """The time up to which all that these partitions, and any added to them, say is known."""
        frontier = self._listed - self._margin
        for each in partitions:
            reach = self._partitions[each]
            frontier = min(frontier, reach.known(self._margin))
            if reach.sealed is not None:
                frontier = min(frontier, reach.sealed)
        return frontier

    def hindmost(self, partitions: Iterable[TopicPartition]) -> TopicPartition | None:
        """The partition that holds the frontier back most; None without any."""
        return min(partitions, key=lambda each: self.of((each,)), default=None)

    def end(self, partition: TopicPartition) -> int | None:
        """The partition's end by the newest answer, if it isn't reached yet."""
        questions = self._partitions[partition].questions
        return questions[-1][1] if questions else None

    def next(self, partition: TopicPartition) -> int:
        """The next offset of a partition."""
        return self._partitions[partition].next

    @staticmethod
    def _settle(reach: _Reach) -> None:
        reached = 0
        for asked, end, known in reach.questions:
            if end > reach.next:
                break
            reach.sure = max(reach.sure, asked)
            if reach.sealed is not None:
                reach.sealed = max(reach.sealed, known)
            reached += 1
        if reached:
            del reach.questions[:reached]


def least(frontiers: Mapping[str, int], delays: Mapping[str, int], sources: Iterable[str]) -> int:
    """The latest timestamp of a message whose horizons in all these sources are reached. `delays` are how late the
    records of each source may be, in milliseconds."""
    return min((frontiers.get(each, ALWAYS) - delays[each] for each in sources), default=-ALWAYS)

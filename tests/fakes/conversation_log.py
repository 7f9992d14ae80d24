"""`ports.ConversationLog` in memory: logs that were written at given times, with transactions, read in any portions."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import LogEnds, LogPartition, TopicPartition


class Entry(msgspec.Struct):
    """One offset: a record, or (None) a marker or aborted record. `wall`: when it was appended; `committed`: when the
    transaction that it belongs to ended, else the same; milliseconds since 1970."""

    wall: int
    message: Message | None
    committed: int


class FakePartition(msgspec.Struct):
    """A log, and when it was made. `begin`: the first offset that is still there."""

    entries: list[Entry]
    made: int = 0
    topic_id: str = "t1"
    begin: int = 0

    def end(self, wall: int) -> int:
        """The end at that time, uncommitted records included."""
        end = len(self.entries)
        while end and self.entries[end - 1].wall > wall:
            end -= 1
        return end

    def stable(self, wall: int) -> int:
        """The offset of the first record of an open transaction at that time, else the end."""
        end = self.end(wall)
        return next((i for i in range(end) if self.entries[i].committed > wall), end)


class FakeConversationLog:
    """`wall` is the brokers' time. With `rnd`, answers take a while or fail, and portions are of any size.

    `takes_committed_end` and `asked_late` are bugs that a test plants.
    """

    def __init__(
        self, partitions: Mapping[TopicPartition, FakePartition], rnd: random.Random | None = None, skew: int = 0
    ) -> None:
        self.partitions = dict(partitions)
        self.wall = 0
        self.silent = False
        self.takes_committed_end = self.asked_late = False
        self._rnd = rnd
        self._skew = skew
        self._positions: dict[TopicPartition, int] = {}
        self._paused: set[TopicPartition] = set()
        self._asked: int | None = None
        self._asked_starts: tuple[list[TopicPartition], int] | None = None
        self._answer: LogEnds | None = None
        self._answered_at = 0
        self.closed = False

    def ask_ends(self) -> None:
        assert self._asked is None, "one question at a time"
        self._asked = self.wall + self._skew

    def ends(self) -> LogEnds | None:
        if self._asked is None or self.silent:
            return None
        if self._answer is None:
            self._answer = self._look(self._asked)
            if self._rnd is not None:
                self._answered_at = self.wall + self._rnd.choice([0, 0, 300, 1_000, 12_000])
        if self.wall < self._answered_at:
            return None
        answer, self._asked, self._answer = self._answer, None, None
        if self.asked_late:
            answer = msgspec.structs.replace(answer, asked=self.wall + self._skew)
        return answer

    def _look(self, asked: int) -> LogEnds:
        there = {key: each for key, each in self.partitions.items() if each.made <= self.wall}
        failed = ""
        if self._rnd is not None and self._rnd.random() < 0.1:
            failed = "a broker gave no answer"
            there = {key: each for key, each in there.items() if self._rnd.random() < 0.5}
        found = {
            key: LogPartition(
                each.topic_id, each.begin, each.stable(self.wall) if self.takes_committed_end else each.end(self.wall)
            )
            for key, each in there.items()
        }
        return LogEnds(asked, found, failed)

    def ask_starts(self, partitions: Iterable[TopicPartition], since: int) -> None:
        assert self._asked_starts is None, "one question at a time"
        self._asked_starts = list(partitions), since

    def starts(self) -> Mapping[TopicPartition, int] | None:
        if self._asked_starts is None or (self._rnd is not None and self._rnd.random() < 0.4):
            return None
        (keys, since), self._asked_starts = self._asked_starts, None
        return {
            key: self._start(self.partitions[key], since)
            for key in keys
            if self._rnd is None or self._rnd.random() < 0.9
        }

    def _start(self, partition: FakePartition, since: int) -> int:
        end = partition.end(self.wall)
        for offset in range(partition.begin, end):
            message = partition.entries[offset].message
            if message is not None and message.timestamp_ms >= since:
                return offset
        return end

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        self._positions = dict(positions)
        self._paused = set()

    def take(self, limit: int) -> list[Message]:
        taken: list[Message] = []
        keys = [key for key in self._positions if key not in self._paused]
        if self._rnd is not None:
            self._rnd.shuffle(keys)
        for key in keys:
            partition = self.partitions[key]
            stable = partition.stable(self.wall)
            portion = limit if self._rnd is None else self._rnd.choice([0, 1, 3, limit])
            position = self._positions[key]
            while position < stable and portion and len(taken) < limit:
                if (message := partition.entries[position].message) is not None:
                    taken.append(message)
                    portion -= 1
                position += 1
            self._positions[key] = position
        return taken

    def position(self, partition: TopicPartition) -> int | None:
        return self._positions.get(partition)

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        self._paused.update(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        self._paused.difference_update(partitions)

    def close(self) -> None:
        self.closed = True

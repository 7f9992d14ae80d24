"""The newest messages that are wanted, of partitions that are read backwards, portion by portion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import heappush, heappushpop

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import TopicPartition


class NewestMessages:
    """Finds the newest `count` messages that are `wanted`, by their timestamps, in these ranges.

    `add` takes messages of a portion, `finish` ends it: portions of a partition come from its end to its start.
    """

    def __init__(
        self, ranges: Sequence[OffsetRange], count: int, wanted: Callable[[Message], bool] = lambda _: True
    ) -> None:
        self._count = count
        self._wanted = wanted
        self._left = {(each.topic, each.partition): each.start for each in ranges}
        self._oldest: dict[TopicPartition, int] = {}
        self._first: dict[TopicPartition, tuple[int, int]] = {}
        self._kept: dict[TopicPartition, list[tuple[int, int, Message]]] = {}
        self.looked_at = 0
        """Messages so far."""

    def add(self, messages: Iterable[Message]) -> None:
        """Look at messages of a portion."""
        for message in messages:
            self.looked_at += 1
            key, ms = (message.topic, message.partition), message.record_ms or 0
            first = self._first.get(key)
            if first is None or message.offset < first[0]:
                self._first[key] = (message.offset, ms)
            if self._wanted(message):
                kept = self._kept.setdefault(key, [])
                (heappush if len(kept) < self._count else heappushpop)(kept, (ms, message.offset, message))

    def finish(self, portion: Iterable[OffsetRange]) -> None:
        """Note that these ranges were looked at as a whole."""
        for each in portion:
            key = (each.topic, each.partition)
            if key in self._first:
                self._oldest[key] = self._first[key][1]
            if each.start <= self._left.get(key, each.start):
                self._left.pop(key, None)
        self._first = {}

    @property
    def found(self) -> list[Message]:
        """The newest so far, the newest first."""
        all_kept = [each for kept in self._kept.values() for each in kept]
        all_kept.sort(key=lambda each: (-each[0], each[2].topic, each[2].partition, -each[1]))
        return [message for _, _, message in all_kept[: self._count]]

    @property
    def complete(self) -> bool:
        """Whether everything was looked at."""
        return not self._left

    @property
    def settled(self) -> bool:
        """Whether older messages can't be among the newest any more: those of a partition are older than what was
        looked at of it."""
        if not self._left:
            return True
        found = self.found
        last = (found[-1].record_ms or 0) if len(found) >= self._count else None
        for key in self._left:
            if len(self._kept.get(key, ())) >= self._count:
                continue
            if last is None or key not in self._oldest or last < self._oldest[key]:
                return False
        return True

    @property
    def back_to_ms(self) -> int | None:
        """The time (milliseconds since 1970) since which everything was looked at; None if that can't be said."""
        if not self._left:
            return min(self._oldest.values(), default=None)
        times = [self._oldest.get(key) for key in self._left]
        return None if None in times else max(each for each in times if each is not None)

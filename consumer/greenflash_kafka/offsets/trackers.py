"""The trackers of all assigned partitions, and the offsets that they would commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.ports import TopicPartition


class OffsetTrackers:
    """One tracker for each partition of the current assignment."""

    def __init__(self) -> None:
        self._trackers: dict[TopicPartition, OffsetTracker] = {}

    def __iter__(self) -> Iterator[OffsetTracker]:
        return iter(self._trackers.values())

    def __len__(self) -> int:
        return len(self._trackers)

    def open(self, partition: TopicPartition, start: int) -> OffsetTracker:
        """Begin an epoch; one that is still open for this partition ends."""
        self.close([partition])
        tracker = self._trackers[partition] = OffsetTracker(partition, start)
        return tracker

    def get(self, topic: str, partition: int) -> OffsetTracker | None:
        """The open tracker, or None when the partition isn't assigned (any more)."""
        return self._trackers.get((topic, partition))

    def stop_sending(self, partitions: Iterable[TopicPartition]) -> list[OffsetTracker]:
        """Mark these as closing; returns the existing trackers."""
        trackers = [self._trackers[each] for each in partitions if each in self._trackers]
        for tracker in trackers:
            tracker.closing = True
        return trackers

    def close(self, partitions: Iterable[TopicPartition]) -> None:
        """End these epochs."""
        for each in partitions:
            tracker = self._trackers.pop(each, None)
            if tracker is not None:
                tracker.close()

    def to_store(self, position: Callable[[TopicPartition], int | None]) -> Mapping[TopicPartition, int]:
        """The offsets that have become committable since the last call, for every open tracker; marks them as
        stored."""
        news: dict[TopicPartition, int] = {}
        for tracker in self._trackers.values():
            offset = tracker.committable(position(tracker.partition))
            if offset > tracker.stored:
                tracker.stored = news[tracker.partition] = offset
        return news

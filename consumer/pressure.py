"""How much of the memory for messages in hand each partition has, and how much it may have when it gets tight."""

from __future__ import annotations

from collections import Counter

from consumer.ports import TopicPartition


class Shares:
    """Bytes in hand by partition, out of `most` in all.

    Half of it is for whoever comes. From then on a partition whose events wait, and that has more than its equal part
    of the other half, is read no further: so there is room for the others however much one of them hoards.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: Counter[TopicPartition] = Counter()
        self._all = 0

    def add(self, partition: TopicPartition, size: int) -> None:
        """A message of this partition is in hand."""
        self._of[partition] += size
        self._all += size

    def less(self, partition: TopicPartition, size: int) -> None:
        """It no longer is."""
        self._all -= size
        self._of[partition] -= size
        if not self._of[partition]:
            del self._of[partition]

    def of(self, partition: TopicPartition) -> int:
        """Bytes in hand of this partition."""
        return self._of[partition]

    def each(self, partitions: int) -> int:
        """Bytes that each of so many partitions may have when it is tight."""
        return self._most // 2 // max(1, partitions)

    @property
    def tight(self) -> bool:
        """Whether half of everything is taken."""
        return self._all > self._most // 2

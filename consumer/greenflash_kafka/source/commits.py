"""Stored and confirmed offsets, and commits that are due or overdue. No client."""

from __future__ import annotations

from collections.abc import Iterable

from greenflash_kafka.ports import TopicPartition

OVERDUE_SECONDS = 60.0
"""No confirmed commit of a partition for so long, with something to commit, is worth a notice; one failure isn't."""


class Commits:
    """Offsets by partition; `confirmed` is what the broker has said is committed."""

    def __init__(self) -> None:
        self.confirmed: dict[TopicPartition, int] = {}
        self._reached: dict[TopicPartition, int] = {}
        self._stored: dict[TopicPartition, int] = {}
        self._waiting: dict[TopicPartition, float] = {}
        self._late = self._told = False

    def stored(self, partition: TopicPartition, offset: int) -> None:
        """The client has taken this offset to commit."""
        self._stored[partition] = offset

    def confirm(self, partition: TopicPartition, offset: int) -> None:
        """The broker has confirmed this offset."""
        self.confirmed[partition] = offset
        # More may be stored by now, as always while messages flow; but commits work.
        self._waiting.pop(partition, None)

    def answered(self, partition: TopicPartition, offset: int) -> bool:
        """The broker has taken this offset; False when it isn't one of this assignment's, whose commits come later."""
        self._reached[partition] = offset
        if offset > self._stored.get(partition, -1):
            return False
        self.confirm(partition, offset)
        return True

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """These are no longer ours."""
        for each in partitions:
            self.confirmed.pop(each, None)
            self._stored.pop(each, None)

    @property
    def pending(self) -> bool:
        """Whether something stored isn't confirmed yet."""
        return any(self.confirmed.get(each, -1) < offset for each, offset in self._stored.items())

    def unconfirmed(self, partitions: Iterable[TopicPartition] | None = None) -> dict[TopicPartition, int]:
        """What was stored (of these) and isn't confirmed yet."""
        stored = self._stored
        wanted = stored if partitions is None else partitions
        return {each: stored[each] for each in wanted if stored.get(each, -1) > self.confirmed.get(each, -1)}

    def went_back(self, partition: TopicPartition, offset: int) -> bool:
        """Whether this client has committed as much or more of that partition before: in an earlier assignment, of
        what was there before it was truncated or created again. librdkafka then takes the offset for an old one."""
        return offset <= self._reached.get(partition, -1)

    def overdue(self, now: float) -> float | None:
        """Seconds for which commits of a partition have been pending and none was confirmed, once they are too many;
        told once until they are confirmed again."""
        pending, before = self.unconfirmed(), self._waiting
        self._waiting = {each: before.get(each, now) for each in pending}
        seconds = now - min(self._waiting.values(), default=now)
        self._late = seconds > OVERDUE_SECONDS
        if self._told or not self._late:
            return None
        self._told = True
        return seconds

    def recovered(self) -> bool:
        """Whether commits work again after having been told as overdue, as `overdue` has last seen it; true once."""
        if not self._told or self._late:
            return False
        self._told = False
        return True

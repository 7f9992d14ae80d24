"""Stored and confirmed offsets, and commits that are due or overdue. No client."""

from __future__ import annotations

from collections.abc import Iterable

from greenflash_kafka.ports import TopicPartition

OVERDUE_SECONDS = 60.0
"""No confirmed commit of a partition for so long, with something to commit, gives a notice; one failure doesn't."""


class CommitBook:
    """Offsets by partition; `confirmed` are those that the broker has confirmed."""

    def __init__(self) -> None:
        self.confirmed: dict[TopicPartition, int] = {}
        self._reached: dict[TopicPartition, int] = {}
        self._stored: dict[TopicPartition, int] = {}
        self._waiting: dict[TopicPartition, float] = {}
        self._late = self._told = False

    def stored(self, partition: TopicPartition, offset: int) -> None:
        """Note an offset that the client has stored for the next commit."""
        self._stored[partition] = offset

    def confirm(self, partition: TopicPartition, offset: int) -> None:
        """Note an offset that the broker has confirmed."""
        self.confirmed[partition] = offset
        # More may be stored by now, as always while messages flow; but commits work.
        self._waiting.pop(partition, None)

    def answered(self, partition: TopicPartition, offset: int) -> bool:
        """Note a commit that the broker has accepted; False when the offset isn't one of this assignment's, whose
        commits come later."""
        self._reached[partition] = offset
        if offset > self._stored.get(partition, -1):
            return False
        self.confirm(partition, offset)
        return True

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Remove partitions that are no longer assigned."""
        for each in partitions:
            self.confirmed.pop(each, None)
            self._stored.pop(each, None)

    @property
    def pending(self) -> bool:
        """True if something stored isn't confirmed yet."""
        return any(self.confirmed.get(each, -1) < offset for each, offset in self._stored.items())

    def unconfirmed(self, partitions: Iterable[TopicPartition] | None = None) -> dict[TopicPartition, int]:
        """The offsets stored (of these) and not confirmed yet."""
        stored = self._stored
        wanted = stored if partitions is None else partitions
        return {each: stored[each] for each in wanted if stored.get(each, -1) > self.confirmed.get(each, -1)}

    def went_back(self, partition: TopicPartition, offset: int) -> bool:
        """True if this client has committed as much or more of that partition before: in an earlier assignment, for the
        log before it was truncated or created again. librdkafka then takes the offset for an old one."""
        return offset <= self._reached.get(partition, -1)

    def overdue(self, now: float) -> float | None:
        """Seconds for which commits of a partition have been pending without any confirmation, once they are too many;
        reported once until commits are confirmed again."""
        pending, before = self.unconfirmed(), self._waiting
        self._waiting = {each: before.get(each, now) for each in pending}
        seconds = now - min(self._waiting.values(), default=now)
        self._late = seconds > OVERDUE_SECONDS
        if self._told or not self._late:
            return None
        self._told = True
        return seconds

    def recovered(self) -> bool:
        """True if commits work again after they were reported as overdue, as of the last call of `overdue`; true
        once."""
        if not self._told or self._late:
            return False
        self._told = False
        return True

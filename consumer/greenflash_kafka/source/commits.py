"""Offsets back to the group: stored in the Kafka client, committed with our metadata, confirmed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from greenflash_kafka.ports import Listener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.assignment import Assignment
from greenflash_kafka.source.commit_book import CommitBook
from greenflash_kafka.source.marks import Committed, Marks

_HARMLESS: Final = frozenset(
    {
        KafkaError._NO_OFFSET,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.STALE_MEMBER_EPOCH,
    }
)
"""Errors of a commit during an ordinary rebalance: the partitions' next owner commits."""


class Commits:
    """Stores and commits offsets of assigned partitions. `read_only` never does."""

    def __init__(
        self,
        consumer: Consumer,
        assignment: Assignment,
        listener: Listener,
        monotonic: Callable[[], float],
        *,
        read_only: bool = False,
    ) -> None:
        self._consumer = consumer
        self._assignment = assignment
        self._listener = listener
        self._monotonic = monotonic
        self._book = CommitBook()
        self.read_only = read_only
        self.marks = Marks()

    @property
    def confirmed(self) -> Mapping[Partition, int]:
        """The offsets that the broker has confirmed."""
        return self._book.confirmed

    @property
    def pending(self) -> bool:
        """True if something stored isn't confirmed yet."""
        return self._book.pending

    def unconfirmed(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """The offsets stored of these and not confirmed yet."""
        return self._book.unconfirmed(partitions)

    def begin(self, partitions: Iterable[Partition], kept: Mapping[Partition, Committed]) -> None:
        """Forget what was stored of these partitions, and note commits of them that stand."""
        self._book.forget(partitions)
        for each, was in kept.items():
            self._book.confirm(each, was.offset)
        self.marks.found(kept)

    def forget(self, partitions: Collection[Partition]) -> None:
        """Remove partitions that aren't assigned any more."""
        self._book.forget(partitions)
        self.marks.forget(partitions)

    def store(self, offsets: Mapping[Partition, int]) -> None:
        """Note what the next commit commits, assigned or not."""
        if self.read_only:
            return
        # One at a time: the client refuses a partition that isn't ours (any more), and the others must not suffer.
        for each, offset in offsets.items():
            try:
                self._consumer.store_offsets(offsets=[self._position(each, offset)])
            except KafkaException as error:
                self._listener.count("offset_stores_rejected", 1, (error.args[0].name(),))
            else:
                self._book.stored(each, offset)

    def _position(self, partition: Partition, offset: int) -> TopicPartition:
        # With the id that the topic had when the partition began: what it is by now is for others to compare with.
        identity = self._assignment.identities.get(partition) or ""
        return TopicPartition(*partition, offset, self.marks.make(partition, offset, identity))

    def commit(self) -> None:
        """See `ports.Source`. Never synchronous: that hangs for as long as a silent broker does."""
        if self.read_only:
            return
        overdue = self._book.overdue(self._monotonic())
        if overdue is not None:
            self._listener.notice("commits_overdue", seconds=round(overdue))
        elif self._book.recovered():
            self._listener.notice("commits_working")
        wanted = self._book.unconfirmed()
        back = [each for each, at in wanted.items() if self._book.went_back(each, at)]
        by_name = [self._position(each, wanted[each]) for each in back]
        by_name += [self._position(each, at) for each, at in self._outdated(wanted)]
        try:
            if len(back) < len(wanted):
                self._consumer.commit(asynchronous=True)
            if by_name:
                # By name only these, which are ours at this moment: the broker asks who commits, not what is whose.
                self._consumer.commit(offsets=by_name, asynchronous=True)
        except KafkaException as error:
            self._failed(error.args[0], 0)

    def _outdated(self, wanted: Collection[Partition]) -> list[tuple[Partition, int]]:
        """Partitions whose offset is unchanged, and whose last commit has outdated metadata: the rules, or the end of
        the messages handed on beyond it. Partitions that aren't ready are left out."""
        ours, unready, confirmed = self._assignment.partitions, self._assignment.unready, self._book.confirmed
        return [
            (each, confirmed[each])
            for each in ours
            if each in confirmed
            and each not in wanted
            and each not in unready
            and self.marks.outdated(each, confirmed[each])
        ]

    def answered(self, error: KafkaError | None, partitions: Collection[TopicPartition]) -> None:
        """Process the client's answer to a commit."""
        wrong = error
        for each in partitions:
            key = (each.topic, each.partition)
            if (error is not None and error.code() != KafkaError._NO_OFFSET) or each.error is not None:
                self.marks.forget([key])
            if each.error is not None:
                wrong = each.error
            elif error is None and each.offset >= 0 and self._book.answered(key, each.offset):
                self._assignment.anchored(key, each.offset)
        if wrong is None:
            self._listener.count("offset_commits")
            return
        self._listener.count("offset_commit_failures", 1, (wrong.name(),))
        self._failed(wrong, len(partitions))

    def _failed(self, error: KafkaError, partitions: int) -> None:
        if error.code() not in _HARMLESS:
            self._listener.notice("commit_failed", code=error.name(), partitions=partitions)

"""The assigned partitions, in our books and in the Kafka client, and their offsets for commits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import Listener, RebalanceListener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.assignment import Assignment
from greenflash_kafka.source.commits import Commits
from greenflash_kafka.source.marks import Marks

_HARMLESS_COMMIT_ERRORS = frozenset(
    {
        KafkaError._NO_OFFSET,
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.STALE_MEMBER_EPOCH,
    }
)
"""Errors of a commit during an ordinary rebalance: the partitions' next owner commits."""


class Partitions:
    """The partitions of this member: assigned, paused, held back, halted, stored and committed. `read_only` never
    commits."""

    def __init__(
        self, consumer: Consumer, listener: Listener, read_only: bool, monotonic: Callable[[], float], eager: bool
    ) -> None:
        """`eager`: the group's assignor revokes everything and assigns it again, and the client has to be called
        accordingly."""
        self._consumer = consumer
        self._eager = eager
        self._starts: dict[Partition, int] = {}
        self._listener = listener
        self._read_only = read_only
        self._monotonic = monotonic
        self._held: list[Message] = []
        self.assignment = Assignment()
        self.commits = Commits()
        self.marks = Marks()
        self.rebalance: RebalanceListener | None = None
        """The listener of every change."""
        self.topic_ids: dict[str, str] = {}
        """Topic -> id, for every topic of the current assignment that has answered."""

    @property
    def notified(self) -> RebalanceListener:
        """`rebalance`, which `subscribe` has set before anything happens here."""
        assert self.rebalance is not None
        return self.rebalance

    # --- coming and going ------------------------------------------------------------------------------------------

    def begin(
        self,
        starts: Mapping[Partition, int],
        anchoring: Mapping[Partition, int],
        unidentified: Collection[Partition] = (),
    ) -> None:
        """Begin at these offsets, hold back those that aren't ready, and notify the listener."""
        if self._read_only:
            anchoring = {}
        known = self.topic_ids
        self.assignment.begin(
            {each: None if each in unidentified else known.get(each[0], "") for each in starts}, anchoring
        )
        self._client_assign(starts)
        # The client remembers pauses over assignments, so both are said: what it did before is not what we want now.
        self._client_pause(each for each in starts if each in self.assignment.unready)
        self._client_resume(each for each in starts if each not in self.assignment.unready)
        if anchoring:
            self._store(anchoring)
            self.commit()
        self.notified.assigned(starts)

    def end(self, partitions: Sequence[Partition]) -> None:
        """Remove these, here and in the client."""
        gone = set(partitions)
        self.assignment.end(gone)
        self.commits.forget(gone)
        self.marks.forget(gone)
        self._held = [each for each in self._held if (each.topic, each.partition) not in gone]
        for each in gone:
            self._starts.pop(each, None)
        if not self._eager:
            self._consumer.incremental_unassign([TopicPartition(*each) for each in partitions])
        elif not self.assignment.partitions:
            # Only some are given up when they are about to begin anew: `begin` then assigns all that there are.
            self._consumer.unassign()

    def move(self, partition: Partition, offset: int) -> None:
        """Go on reading at this offset, behind a gap: pending messages are not affected, and commits wait for them as
        before."""
        stored = self.commits.unconfirmed([partition])
        if not self._eager:
            self._consumer.incremental_unassign([TopicPartition(*partition)])
        self._client_assign({partition: offset})
        self._store(stored)

    def _client_assign(self, starts: Mapping[Partition, int]) -> None:
        new = [TopicPartition(*each, offset) for each, offset in starts.items()]
        self._starts |= starts
        if not self._eager:
            self._consumer.incremental_assign(new)
            return
        kept = [each for each in self.assignment.partitions if each not in starts]
        # Asked only where something is kept: after a gap, never in an ordinary assignment.
        positions = self.positions() if kept else {}
        self._consumer.assign(new + [TopicPartition(*each, positions[each]) for each in kept])
        # Assigning makes the client forget what is stored.
        self._store(self.commits.unconfirmed(kept))

    def positions(self) -> dict[Partition, int]:
        """The next offset that the client hands out, of each assigned partition."""
        if not self.assignment.partitions:
            return {}
        found = self._consumer.position([TopicPartition(*each) for each in self.assignment.partitions])
        return {
            (each.topic, each.partition): each.offset if each.offset >= 0 else self.begun((each.topic, each.partition))
            for each in found
        }

    def begun(self, partition: Partition) -> int:
        """The first offset of this assigned partition."""
        return self._starts.get(partition, 0)

    # --- who hands on messages -------------------------------------------------------------------------------------

    @property
    def holding(self) -> bool:
        """True if messages are held back."""
        return bool(self._held)

    def hold(self, message: Message) -> None:
        """Keep a message of a partition that isn't ready."""
        self._held.append(message)

    def released(self) -> list[Message]:
        """Messages that were held back and may be handed on now."""
        unready = self.assignment.unready
        ready = [each for each in self._held if (each.topic, each.partition) not in unready]
        self._held = [each for each in self._held if (each.topic, each.partition) in unready]
        return ready

    def halt(self, partition: Partition, reason: str) -> None:
        """Hand on nothing more of this one, and notify the listener."""
        self.assignment.halt(partition)
        self._client_pause([partition])
        self._held = [each for each in self._held if (each.topic, each.partition) != partition]
        self._listener.notice("partition_halted", topic=partition[0], partition=partition[1], reason=reason)
        self.notified.halted(partition, reason)

    def pause(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`."""
        self._client_pause(self.assignment.pause(partitions))

    def resume(self, partitions: Iterable[Partition]) -> None:
        """See `ports.Source`. Fetching goes on at once."""
        wanted = self.assignment.resume(partitions)
        self._client_resume(wanted)
        self._wake(wanted)

    def _wake(self, partitions: Sequence[Partition]) -> None:
        """Seek to where these are. With nothing to fetch the client's thread for a broker sleeps for up to a second,
        and a resumed partition doesn't wake it; a seek does (run on librdkafka 2.16: 989 ms without, 19 ms with it)."""
        if not partitions:
            return
        for at in self._consumer.position([TopicPartition(*each) for each in partitions]):
            partition = (at.topic, at.partition)
            if at.offset < 0:
                at = TopicPartition(*partition, self.begun(partition))
            # Refused, it is only later: fetching begins by itself.
            with suppress(KafkaException):
                # With the epoch of the last message: so a log that was cut meanwhile is noticed.
                self._consumer.seek(at)
                self._starts[partition] = at.offset

    def put_back(self, partition: Partition, offset: int) -> None:
        """See `ports.Source`. Until the next message the client knows no position, and `begun` is one."""
        if partition not in self.assignment.partitions or partition in self.assignment.unready:
            return
        self.pause([partition])
        try:
            self._consumer.seek(TopicPartition(*partition, offset))
        except KafkaException:
            # As after an error of its fetches; assigning anew always works, and it stays paused.
            self.move(partition, offset)
        else:
            self._starts[partition] = offset

    def _client_pause(self, partitions: Iterable[Partition]) -> None:
        wanted = [TopicPartition(*each) for each in partitions]
        if wanted:
            self._consumer.pause(wanted)

    def _client_resume(self, partitions: Iterable[Partition]) -> None:
        wanted = [TopicPartition(*each) for each in partitions]
        if wanted:
            self._consumer.resume(wanted)

    # --- offsets back ----------------------------------------------------------------------------------------------

    def store(self, offsets: Mapping[Partition, int]) -> None:
        """See `ports.Source`."""
        # Of what isn't ready nothing was handed on: its offset may be that of a topic that isn't there any more.
        ours, unready = self.assignment.partitions, self.assignment.unready
        mine = {each: offset for each, offset in offsets.items() if each in ours and each not in unready}
        if not self._read_only:
            self._store(mine)

    def _store(self, offsets: Mapping[Partition, int]) -> None:
        # One at a time: the client refuses a partition that isn't ours (any more), and the others must not suffer.
        for each, offset in offsets.items():
            try:
                self._consumer.store_offsets(offsets=[self._position(each, offset)])
            except KafkaException as error:
                self._listener.count("offset_stores_rejected", 1, (error.args[0].name(),))
            else:
                self.commits.stored(each, offset)

    def _position(self, partition: Partition, offset: int) -> TopicPartition:
        # With the id that the topic had when the partition began: what it is by now is for others to compare with.
        identity = self.assignment.identities.get(partition) or ""
        return TopicPartition(*partition, offset, self.marks.make(partition, offset, identity))

    def commit(self) -> None:
        """See `ports.Source`. Never synchronous: that hangs for as long as a silent broker does."""
        if self._read_only:
            return
        overdue = self.commits.overdue(self._monotonic())
        if overdue is not None:
            self._listener.notice("commits_overdue", seconds=round(overdue))
        elif self.commits.recovered():
            self._listener.notice("commits_working")
        wanted = self.commits.unconfirmed()
        back = [each for each, at in wanted.items() if self.commits.went_back(each, at)]
        by_name = [self._position(each, wanted[each]) for each in back]
        by_name += [self._position(each, at) for each, at in self._outdated(wanted)]
        try:
            if len(back) < len(wanted):
                self._consumer.commit(asynchronous=True)
            if by_name:
                # By name only these, which are ours at this moment: the broker asks who commits, not what is whose.
                self._consumer.commit(offsets=by_name, asynchronous=True)
        except KafkaException as error:
            if error.args[0].code() not in _HARMLESS_COMMIT_ERRORS:
                self._listener.notice("commit_failed", code=error.args[0].name(), partitions=0)

    def _outdated(self, wanted: Collection[Partition]) -> list[tuple[Partition, int]]:
        """Partitions whose offset is unchanged, and whose last commit has outdated metadata: the rules, or the end of
        the messages handed on beyond it. Partitions that aren't ready are left out."""
        ours, unready, confirmed = self.assignment.partitions, self.assignment.unready, self.commits.confirmed
        return [
            (each, confirmed[each])
            for each in ours
            if each in confirmed
            and each not in wanted
            and each not in unready
            and self.marks.outdated(each, confirmed[each])
        ]

    def commit_answered(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        """The client's `on_commit`."""
        wrong = error
        unready = self.assignment.unready
        for each in partitions or ():
            key = (each.topic, each.partition)
            if (error is not None and error.code() != KafkaError._NO_OFFSET) or each.error is not None:
                self.marks.forget([key])
            if each.error is not None:
                wrong = each.error
            elif error is None and each.offset >= 0 and self.commits.answered(key, each.offset):
                self.assignment.anchored(key, each.offset)
        self._client_resume(self.assignment.to_resume(unready))
        if wrong is None:
            self._listener.count("offset_commits")
            return
        self._listener.count("offset_commit_failures", 1, (wrong.name(),))
        if wrong.code() not in _HARMLESS_COMMIT_ERRORS:
            self._listener.notice("commit_failed", code=wrong.name(), partitions=len(partitions or ()))

"""The assigned partitions in the Kafka client: assigned, paused, held back, halted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import Listener, RebalanceListener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.assignment import Assignment
from greenflash_kafka.source.commits import Commits


class Partitions:
    """The partitions of this member. Each change is made in the books, in the client, and said to the listener."""

    def __init__(
        self,
        consumer: Consumer,
        topic_ids: Mapping[str, str],
        listener: Listener,
        monotonic: Callable[[], float],
        *,
        read_only: bool = False,
        eager: bool = False,
    ) -> None:
        """`topic_ids`: the present ones, as they become known. `read_only` never commits. `eager`: the group's assignor
        revokes everything and assigns it again, and the client has to be called accordingly."""
        self._consumer = consumer
        self._topic_ids = topic_ids
        self._listener = listener
        self._eager = eager
        self._starts: dict[Partition, int] = {}
        self._held: list[Message] = []
        self.assignment = Assignment()
        self.commits = Commits(consumer, self.assignment, listener, monotonic, read_only=read_only)
        self.rebalance: RebalanceListener | None = None
        """The listener of every change."""

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
        if self.commits.read_only:
            anchoring = {}
        known = self._topic_ids
        self.assignment.begin(
            {each: None if each in unidentified else known.get(each[0], "") for each in starts}, anchoring
        )
        self._client_assign(starts)
        # The client remembers pauses over assignments, so both are said: what it did before is not what we want now.
        self._client_pause(each for each in starts if each in self.assignment.unready)
        self._client_resume(each for each in starts if each not in self.assignment.unready)
        if anchoring:
            self.commits.store(anchoring)
            self.commits.commit()
        self.notified.assigned(starts)

    def end(self, partitions: Collection[Partition]) -> None:
        """Remove these, here and in the client."""
        gone = set(partitions)
        self.assignment.end(gone)
        self.commits.forget(gone)
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
        self.commits.store(stored)

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
        self.commits.store(self.commits.unconfirmed(kept))

    def positions(self) -> dict[Partition, int]:
        """The next offset that the client hands out, of each assigned partition."""
        if not self.assignment.partitions:
            return {}
        found = self._consumer.position([TopicPartition(*each) for each in self.assignment.partitions])
        return {
            (each.topic, each.partition): each.offset if each.offset >= 0 else self.begun((each.topic, each.partition))
            for each in found
        }

    def position(self, partition: Partition) -> int | None:
        """See `ports.Source`. None while messages are held back: the client's position is past them."""
        if self._held or partition not in self.assignment.partitions or partition in self.assignment.unready:
            return None
        offset: int = self._consumer.position([TopicPartition(*partition)])[0].offset
        return offset if offset >= 0 else self.begun(partition)

    def begun(self, partition: Partition) -> int:
        """The first offset of this assigned partition."""
        return self._starts.get(partition, 0)

    # --- who hands on messages -------------------------------------------------------------------------------------

    def hold(self, message: Message) -> None:
        """Keep a message of a partition that isn't ready; one that is halted hands on nothing any more."""
        if not self.assignment.is_halted((message.topic, message.partition)):
            self._held.append(message)

    def released(self) -> list[Message]:
        """Messages that were held back and may be handed on now."""
        if not self._held:
            return []
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
        self.commits.store({each: at for each, at in offsets.items() if each in ours and each not in unready})

    def commit_answered(self, error: KafkaError | None, partitions: list[TopicPartition] | None) -> None:
        """Process the client's answer to a commit: a partition whose start is committed may hand on messages."""
        unready = self.assignment.unready
        self.commits.answered(error, partitions or ())
        self._client_resume(self.assignment.to_resume(unready))

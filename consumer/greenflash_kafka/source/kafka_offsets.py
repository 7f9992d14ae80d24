"""Queries about offsets, repeated until the broker answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from typing import TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from greenflash_kafka.errors import AskedToStop, NotAllowed, SourceFailed
from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import Listener
from greenflash_kafka.ports import TopicPartition as Partition
from greenflash_kafka.source.client_errors import error_text
from greenflash_kafka.source.cluster import At, Cluster
from greenflash_kafka.source.gaps import LogRange
from greenflash_kafka.source.marks import Committed, read

RPC_SECONDS = 5.0
"""Time limit of one request to the broker, in seconds."""

RESOLVE_SECONDS = 60.0
"""Seconds for which a query is repeated where nothing else bounds it."""

GLANCE_SECONDS = 0.5
"""Time limit of a query that the work doesn't depend on, in seconds."""

T = TypeVar("T")


class KafkaOffsets:
    """Committed offsets, watermarks and offsets by time. Every method raises `SourceFailed` when the broker doesn't
    respond: to start from a guess instead would lose or repeat messages."""

    def __init__(
        self,
        consumer: Consumer,
        cluster: Cluster,
        listener: Listener,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        refusal: str,
    ) -> None:
        """`refusal`: the text of `NotAllowed` if this user may not read as the consumer's group."""
        self._refusal = refusal
        self._consumer = consumer
        self._cluster = cluster
        self._listener = listener
        self._monotonic = monotonic
        self._sleep = sleep
        self._until = inf
        self.stopping: Callable[[], bool] = lambda: False
        """Returns True if the process was asked to end. Queries inside an assignment block the loop until then."""

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Limit all repetitions of queries in here to so many seconds in all: they run between two polls, and the group
        removes a member that doesn't poll for its max.poll.interval.ms."""
        self._until = self._monotonic() + seconds
        try:
            yield
        finally:
            self._until = inf

    def committed(self, partitions: Sequence[Partition]) -> dict[Partition, Committed]:
        """The group's committed offsets; partitions without an offset are left out."""
        if not partitions:
            return {}
        wanted = [TopicPartition(*each) for each in partitions]

        def ask() -> list[TopicPartition]:
            answered: list[TopicPartition] = self._consumer.committed(wanted, timeout=RPC_SECONDS)
            for each in answered:
                if each.error is not None:
                    raise KafkaException(each.error)
            return answered

        return read_all(self._insist(ask, "the committed offsets"))

    def glance(self, partitions: Sequence[Partition]) -> dict[Partition, Committed] | None:
        """The same if the response comes at once, else None: the loop waits meanwhile."""
        try:
            answered = self._consumer.committed([TopicPartition(*each) for each in partitions], timeout=GLANCE_SECONDS)
        except KafkaException:
            return None
        return read_all(answered)

    def starts(self, partitions: Sequence[Partition], start: StartAt) -> dict[Partition, int]:
        """The offset at which each of these begins under `start`; a time past the last message is the end."""
        found = self._ask(partitions, start)
        late = [each for each, offset in found.items() if offset < 0]
        return found | self._ask(late, "latest")

    def ends(self, partitions: Sequence[Partition], seconds: float = RESOLVE_SECONDS) -> dict[Partition, int]:
        """The end of each partition (high watermark), now; repeated for so many seconds."""
        return self._ask(partitions, "end", seconds)

    def open_transactions(self, partitions: Sequence[Partition]) -> dict[Partition, OpenTransaction]:
        """The partitions among these in which a transaction is open."""
        # The end first: what is written between the questions must not look like a transaction.
        ends = self._ask(partitions, "end")
        stable = self._ask(partitions, "latest")
        return {each: OpenTransaction(stable[each], end) for each, end in ends.items() if stable[each] < end}

    def logs(self, partitions: Sequence[Partition]) -> dict[Partition, LogRange]:
        """The first offset and the end of each partition, now."""
        begins, ends = self.starts(partitions, "earliest"), self.ends(partitions)
        return {each: LogRange(begins[each], ends[each]) for each in partitions}

    def _ask(self, partitions: Sequence[Partition], at: At, seconds: float = RESOLVE_SECONDS) -> dict[Partition, int]:
        return self._insist(lambda: self._cluster.offsets(partitions, at), "offsets", seconds) if partitions else {}

    def _insist(self, ask: Callable[[], T], what: str, seconds: float = RESOLVE_SECONDS) -> T:
        until = min(self._until, self._monotonic() + seconds)
        while True:
            try:
                return ask()
            except KafkaException as error:
                if error.args[0].code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                    raise NotAllowed(self._refusal) from None
                if error.args[0].fatal() or self._monotonic() >= until:
                    said = f"the broker didn't tell {what}: {error_text(error)}"
                    raise SourceFailed(said) from None
                if self.stopping():
                    raise AskedToStop(f"the process was asked to end before the broker told {what}") from None
                self._listener.notice("kafka_error", code=error.args[0].name(), text=f"{what}: {error_text(error)}")
                self._sleep(0.2)


def read_all(answered: Iterable[TopicPartition]) -> dict[Partition, Committed]:
    """The facts in commits that the client has asked for; partitions without one, or with an error, are left out."""
    return {
        (each.topic, each.partition): read(each.offset, each.metadata)
        for each in answered
        if each.error is None and each.offset >= 0
    }

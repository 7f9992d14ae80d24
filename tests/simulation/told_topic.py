"""A topic that others write: late records, transactions that hang or abort, partitions that are added."""

from __future__ import annotations

from random import Random

from tests.simulation.kafka.cluster import Log, MemoryKafka, Record
from tests.simulation.kafka.log_cluster import Slowness
from tests.simulation.scheduler import EPOCH


class ToldTopic:
    """`late`: how many seconds before their append records may be stamped; `transactions`: the share of records that
    begin one; so many partitions are `quiet`."""

    def __init__(
        self,
        cluster: MemoryKafka,
        topic: str,
        partitions: int,
        random: Random,
        *,
        late: float,
        transactions: float,
        quiet: int = 0,
    ) -> None:
        self._cluster, self._topic, self._random = cluster, topic, random
        self._late, self._transactions, self._quiet = late, transactions, quiet
        self._open: dict[int, list[int]] = {}
        """The offsets that belong to a transaction, by partition."""
        self._told: dict[tuple[int, int], Record] = {}
        """What was written, by partition and offset, but for what was aborted."""
        self.markers = 0
        """Offsets that are the end of a transaction."""
        self.slowness = Slowness()
        self.open_until = 0.0
        """The last moment at which a transaction was open."""
        cluster.create_topic(topic, partitions)

    @property
    def logs(self) -> list[Log]:
        """Its partitions."""
        return self._cluster.topics[self._topic].logs

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return int((EPOCH + self._cluster.scheduler.now) * 1000)

    def any_partition(self) -> int:
        """The number of one that isn't quiet."""
        return self._random.randrange(max(1, len(self.logs) - self._quiet))

    def append(self, partition: int, stamp: int, value: bytes | None, key: bytes | None = None) -> None:
        """One more record, perhaps in a transaction."""
        random = self._random
        if random.random() < self._transactions and partition not in self._open:
            self.begin(partition, random.random() * 3)
        offset = self._cluster.produce(self._topic, value, key, partition, timestamp_ms=stamp)
        self._told[partition, offset] = self.logs[partition].records[-1]
        if partition in self._open and random.random() < 0.5:
            self._open[partition].append(offset)

    def stamp(self) -> int:
        """A timestamp for the next record."""
        return self.now_ms() - int(self._random.random() * self._late * 1000)

    def begin(self, partition: int, seconds: float) -> None:
        """Open a transaction here, which ends after so long, one way or the other."""
        log = self.logs[partition]
        if partition in self._open:
            return
        self._open[partition] = []
        log.open_from = log.end
        scheduler = self._cluster.scheduler
        self.open_until = max(self.open_until, scheduler.now + seconds)
        scheduler.call_at(scheduler.now + seconds, lambda: self._end(partition))

    def _end(self, partition: int) -> None:
        log, own = self.logs[partition], set(self._open.pop(partition))
        if self._random.random() < 0.5:
            log.records = [each._replace(aborted=True) if each.offset in own else each for each in log.records]
            for offset in own:
                del self._told[partition, offset]
        self._cluster.marker(self._topic, partition)
        self.markers += 1

    def hang(self, who: int, seconds: float) -> None:
        """A transaction stays open for long."""
        self.begin(who % len(self.logs), seconds)

    def slow(self, seconds: float) -> None:
        """For so long answers to questions about the topic are under way."""
        self.slowness.unanswered = self._cluster.scheduler.now + seconds

    def add_partition(self, seconds: float) -> None:
        """One more, which nobody is told of for so long."""
        self.slowness.undescribed = self._cluster.scheduler.now + seconds
        self._cluster.add_partitions(self._topic, len(self.logs) + 1)

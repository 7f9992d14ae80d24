"""Operations on a broker for tests and benchmarks: make topics, write messages, read offsets and whole topics."""

from __future__ import annotations

import itertools
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar, cast

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka import Message as KafkaMessage
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from confluent_kafka.cimpl import NewPartitions, NewTopic

from greenflash_kafka.model.message import Message
from tests.waiting import until

T = TypeVar("T")

_SECONDS = 120.0
"""How long the broker may take for any one request: as long as a busy machine may need."""

COMPRESSED = {"compression.type": "zstd", "linger.ms": "500"}
"""A producer's settings for batches that are full, a megabyte unpacked, and a small part of it packed."""

_COMING_UP = (
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
)

_TIMESTAMP_TYPES = ("none", "create", "append")


class Record(NamedTuple):
    """A message to be written; `partition` -1 leaves the choice to the key, `timestamp_ms` 0 is the time of writing."""

    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()
    partition: int = -1
    timestamp_ms: int = 0


class Kafka:
    """A cluster as tests see it. Every method waits until the broker has confirmed, and raises when it refuses."""

    def __init__(self, bootstrap_servers: str, replicas: int = 1) -> None:
        """`replicas` is how many copies the topics have."""
        self._replicas = replicas
        self.bootstrap_servers = bootstrap_servers
        self._settings: dict[str, str | int] = {
            "bootstrap.servers": bootstrap_servers,
            "log_level": 2,
            "allow.auto.create.topics": "false",  # looking at a deleted topic must not bring it back
        }
        self._admin = AdminClient(dict(self._settings))
        self._numbers = itertools.count(1)

    def name(self, what: str = "t") -> str:
        """A name that nothing else on this cluster has, for a topic or a group."""
        return f"{what}-{next(self._numbers)}-{uuid.uuid4().hex[:8]}"

    def group(self) -> str:
        """The name of a group that isn't there yet."""
        return self.name("group")

    def topic(self, partitions: int = 1, what: str = "t", config: Mapping[str, str] | None = None) -> str:
        """Create a topic with a unique name that begins with `what`; its name."""
        name = self.name(what)
        self.create_topic(name, partitions, config)
        return name

    def create_topic(self, name: str, partitions: int = 1, config: Mapping[str, str] | None = None) -> None:
        """Create a topic and wait until every partition has a leader."""
        new = NewTopic(name, num_partitions=partitions, replication_factor=self._replicas, config=dict(config or {}))
        self._admin.create_topics([new], operation_timeout=_SECONDS)[name].result()
        until(lambda: self.partitions(name) == list(range(partitions)), f"{name} to have {partitions} leaders")

    def add_partitions(self, topic: str, total: int) -> None:
        """Raise the number of partitions to `total`."""
        self._admin.create_partitions([NewPartitions(topic, total)])[topic].result()
        until(lambda: self.partitions(topic) == list(range(total)), f"{topic} to have {total} leaders")

    def delete_topic(self, topic: str) -> None:
        """Delete a topic and wait until it is gone."""
        self._admin.delete_topics([topic], operation_timeout=_SECONDS)[topic].result()
        until(lambda: not self.partitions(topic), f"{topic} to go")

    def delete_records(self, topic: str, before: Mapping[int, int]) -> None:
        """Drop the records of each partition before an offset, as retention does."""
        wanted = [TopicPartition(topic, partition, offset) for partition, offset in before.items()]
        for future in self._admin.delete_records(wanted).values():
            future.result()

    def partitions(self, topic: str) -> list[int]:
        """The partitions that have a leader; none when there is no such topic."""
        found = self._admin.list_topics(topic, timeout=_SECONDS).topics[topic]
        if found.error is not None:
            return []
        return sorted(number for number, facts in found.partitions.items() if facts.leader >= 0)

    def in_sync(self, topic: str) -> bool:
        """Whether every partition has a leader and all its copies."""
        found = self._admin.list_topics(topic, timeout=_SECONDS).topics[topic]
        return all(each.leader >= 0 and len(each.isrs) == len(each.replicas) for each in found.partitions.values())

    def produce(
        self, topic: str, records: Iterable[Record | bytes | None], settings: Mapping[str, str] | None = None
    ) -> None:
        """Write records (or bare values) in order; raises KafkaException when any isn't confirmed.

        `settings` are the producer's own, `COMPRESSED` for one.
        """
        # What is too large is for the topic to say.
        large = {"message.max.bytes": 100_000_000, "queue.buffering.max.kbytes": 1_000_000}
        # Each record to a partition of its own choice; else a few thousand would go to one or two.
        spread = {"sticky.partitioning.linger.ms": 0}
        own = {**large, **spread, "linger.ms": 5, "enable.idempotence": True, **(settings or {})}
        producer = Producer({**self._settings, **own})
        failures: list[KafkaError] = []

        def delivered(error: KafkaError | None, _message: KafkaMessage) -> None:
            if error is not None:
                failures.append(error)

        for given in records:
            record = given if isinstance(given, Record) else Record(given)
            while True:
                try:
                    producer.produce(
                        topic,
                        value=record.value,
                        key=record.key,
                        headers=list(record.headers),
                        partition=record.partition,
                        timestamp=record.timestamp_ms,
                        on_delivery=delivered,
                    )
                    break
                except BufferError:
                    producer.poll(0.1)
        left = producer.flush(_SECONDS)
        if failures:
            raise KafkaException(failures[0])
        assert not left, f"{left} records for {topic} weren't confirmed in {_SECONDS:.0f} s"

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The group's committed offset of each partition that has one."""
        return {partition: offset for partition, (offset, _) in self.marked(group, topic).items()}

    def marked(self, group: str, topic: str) -> dict[int, tuple[int, str]]:
        """The same with each commit's metadata."""
        wanted = [TopicPartition(topic, partition) for partition in self.partitions(topic)]
        # Not by the admin client: while a new broker still loads its groups, its question may end the whole process.
        with _Reader({**self._settings, "group.id": group}) as reader:
            found = _insist(lambda: reader.committed(wanted, timeout=_SECONDS))
        return {each.partition: (each.offset, each.metadata or "") for each in found if each.offset >= 0}

    def commit(self, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        """Set the offsets of a group that has no members."""
        wanted = [TopicPartition(topic, partition, offset) for partition, offset in offsets.items()]

        def alter() -> list[TopicPartition]:
            asked = self._admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, wanted)])[group]
            altered = asked.result().topic_partitions or []
            for each in altered:
                if each.error is not None:
                    raise KafkaException(each.error)
            return altered

        _insist(alter)

    def members(self, group: str) -> int:
        """The number of members that the group has now."""
        return len(_insist(lambda: self._admin.describe_consumer_groups([group])[group].result().members))

    def ends(self, topic: str) -> dict[int, int]:
        """The offset after the last record of each partition."""
        with _Reader(self._settings) as reader:
            return {
                partition: reader.get_watermark_offsets(TopicPartition(topic, partition), timeout=_SECONDS)[1]
                for partition in self.partitions(topic)
            }

    def lag(self, group: str, topic: str) -> int:
        """Records that the group hasn't committed; a partition without a commit counts whole."""
        committed = self.committed(group, topic)
        return sum(end - committed.get(partition, 0) for partition, end in self.ends(topic).items())

    def read(self, topic: str) -> list[Message]:
        """Every record that is in the topic now, by partition and offset; records of aborted transactions aren't."""
        found: list[Message] = []
        with _Reader({**self._settings, "enable.partition.eof": True}) as reader:
            unfinished = set(self.partitions(topic))
            reader.assign([TopicPartition(topic, partition, 0) for partition in unfinished])
            deadline = time.monotonic() + _SECONDS
            while unfinished and time.monotonic() < deadline:
                for message in reader.consume(10_000, 0.1):
                    deadline = time.monotonic() + _SECONDS
                    error = message.error()
                    if error is None:
                        found.append(_message(message))
                    elif error.code() == KafkaError._PARTITION_EOF:
                        unfinished.discard(message.partition())
                    else:
                        raise KafkaException(error)
        assert not unfinished, f"{topic} couldn't be read to its end: nothing came for {_SECONDS:.0f} s"
        return sorted(found, key=lambda message: (message.partition, message.offset))


class QuickGroups(Kafka):
    """Its groups give members up after 1.5 s under KIP-848 too, where the session isn't the member's to choose."""

    def group(self) -> str:
        """The name of such a group."""
        name = super().group()
        entries = [
            ConfigEntry(f"consumer.{key}.ms", value, incremental_operation=AlterConfigOpType.SET)
            for key, value in (("session.timeout", "1500"), ("heartbeat.interval", "300"))
        ]
        resource = ConfigResource(ResourceType.GROUP, name, incremental_configs=entries)
        for future in self._admin.incremental_alter_configs([resource]).values():
            future.result()
        return name


class _Reader(Consumer):
    """A consumer outside any group's life: assigned by hand, commits nothing, closed at the end of a `with`."""

    def __init__(self, settings: Mapping[str, str | int | bool]) -> None:
        super().__init__(
            {
                "group.id": f"reader-{uuid.uuid4().hex}",
                **settings,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            }
        )

    def __enter__(self) -> _Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _insist(ask: Callable[[], T]) -> T:
    """Ask again while the group's coordinator comes up, as it does for the first group of a new broker."""
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            return ask()
        except KafkaException as failure:
            if failure.args[0].code() not in _COMING_UP or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _message(message: KafkaMessage) -> Message:
    kind, milliseconds = message.timestamp()
    # The client types all of this as it can be in an error; in a record there is a topic, and headers are bytes.
    headers = cast("Sequence[tuple[str, bytes | None]]", message.headers() or ())
    return Message(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp_ms=max(milliseconds, 0),
        key=message.key(),
        value=message.value(),
        headers=tuple(headers),
        timestamp_type=_TIMESTAMP_TYPES[kind],
    )

"""Behaviour that the simulation's Kafka clients share with the real ones, shown on both.

Where they differ: in memory a request takes two milliseconds of virtual time, `close()` never waits for a broker that
is gone, and there is one broker. `MAX_POLL_EXCEEDED` and broker faults are only in memory here; the scenarios show
them on a real broker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from tests.brokers.kafka import Kafka, Record
from tests.simulation.kafka.cluster import MemoryKafka
from tests.simulation.kafka.consumer import MemoryConsumer
from tests.simulation.kafka.producer import MemoryProducer
from tests.simulation.scheduler import Scheduler

PROTOCOLS = ["eager", "cooperative", "consumer"]
SECONDS = 120.0

Key = tuple[str, int]


class World(Protocol):
    """A cluster and its clients, of either kind."""

    def topic(self, partitions: int = 1, **config: str) -> str: ...
    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None: ...
    def delete_records(self, topic: str, before: int) -> None: ...
    def group(self) -> str: ...
    def consumer(self, settings: dict[str, Any]) -> Any: ...
    def producer(self, settings: dict[str, Any]) -> Any: ...
    def now(self) -> float: ...


class InMemory:
    def __init__(self) -> None:
        self.scheduler = Scheduler()
        self.cluster = MemoryKafka(self.scheduler)
        self._names = 0

    def topic(self, partitions: int = 1, **config: str) -> str:
        self._names += 1
        name = f"topic-{self._names}"
        self.cluster.create_topic(name, partitions, int(config.get("max.message.bytes", "1048588")))
        return name

    def group(self) -> str:
        return "group"

    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None:
        for value in values:
            self.cluster.produce(topic, value, partition=partition)

    def delete_records(self, topic: str, before: int) -> None:
        self.cluster.log((topic, 0)).delete_before(before)

    def consumer(self, settings: dict[str, Any]) -> Any:
        return MemoryConsumer(settings, self.cluster)

    def producer(self, settings: dict[str, Any]) -> Any:
        return MemoryProducer(settings, self.cluster)

    def now(self) -> float:
        return self.scheduler.now


class Real:
    def __init__(self, kafka: Kafka) -> None:
        self.kafka = kafka

    def topic(self, partitions: int = 1, **config: str) -> str:
        return self.kafka.topic(partitions, config=config)

    def group(self) -> str:
        return self.kafka.name("group")

    def produce(self, topic: str, *values: bytes, partition: int = 0) -> None:
        self.kafka.produce(topic, [Record(value, partition=partition) for value in values])

    def delete_records(self, topic: str, before: int) -> None:
        self.kafka.delete_records(topic, {0: before})

    def consumer(self, settings: dict[str, Any]) -> Any:
        return Consumer({"bootstrap.servers": self.kafka.bootstrap_servers, "log_level": 0, **settings})

    def producer(self, settings: dict[str, Any]) -> Any:
        own = {"bootstrap.servers": self.kafka.bootstrap_servers, "allow.auto.create.topics": "false", "log_level": 0}
        return Producer({**own, **settings})

    def now(self) -> float:
        return time.monotonic()


Play = Callable[[Callable[[World], None]], None]


@pytest.fixture(params=["memory", "kafka"])
def play(request: pytest.FixtureRequest) -> Iterator[Play]:
    """Runs a test's body: in memory as a member of a simulation, else as it is."""
    if request.param == "kafka":
        real = Real(request.getfixturevalue("kafka"))
        yield lambda body: body(real)
        return
    memory = InMemory()

    def run(body: Callable[[World], None]) -> None:
        member = memory.scheduler.spawn("test", lambda: body(memory))
        memory.scheduler.run(600, lambda: not member.alive)
        if member.error is not None:
            raise member.error
        assert not member.alive, "the body came to its end"

    yield run
    memory.scheduler.close()


class One:
    """A consumer, and what happened to it."""

    def __init__(self, world: World, group: str, topics: list[str], protocol: str = "cooperative", **more: Any) -> None:
        own: dict[str, Any] = {
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "on_commit": self._committed,
        }
        if protocol == "consumer":
            own["group.protocol"] = "consumer"
        else:
            own |= {"session.timeout.ms": 6000, "heartbeat.interval.ms": 300}
            own["partition.assignment.strategy"] = "cooperative-sticky" if protocol == "cooperative" else "range"
        self.eager = protocol == "eager"
        self.world = world
        self.client = world.consumer({**own, **more})
        self.events: list[tuple[str, list[int]]] = []
        self.commits: list[tuple[KafkaError | None, list[TopicPartition]]] = []
        self.messages: list[Message] = []
        self.owned: set[Key] = set()
        self.fail_on_assign = False
        self.client.subscribe(topics, on_assign=self._assign, on_revoke=self._revoke, on_lost=self._lost)

    def _committed(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self.commits.append((error, partitions))

    def _assign(self, client: Any, partitions: list[TopicPartition]) -> None:
        self.events.append(("assign", [each.partition for each in partitions]))
        self.owned |= {(each.topic, each.partition) for each in partitions}
        found = client.committed(partitions, timeout=SECONDS)
        starts = [TopicPartition(each.topic, each.partition, max(0, each.offset)) for each in found]
        (client.assign if self.eager else client.incremental_assign)(starts)

    def _revoke(self, client: Any, partitions: list[TopicPartition]) -> None:
        self.events.append(("revoke", sorted(each.partition for each in partitions)))
        self._forget(client, partitions)

    def _lost(self, client: Any, partitions: list[TopicPartition]) -> None:
        self.events.append(("lost", sorted(each.partition for each in partitions)))
        self._forget(client, partitions)

    def _forget(self, client: Any, partitions: list[TopicPartition]) -> None:
        self.owned -= {(each.topic, each.partition) for each in partitions}
        if self.eager:
            client.unassign()
        else:
            client.incremental_unassign(partitions)

    def values(self) -> list[bytes | None]:
        return [each.value() for each in self.messages if each.error() is None]

    def errors(self) -> list[int]:
        return [error.code() for each in self.messages if (error := each.error()) is not None]

    def commit(self, topic: str, offset: int, metadata: str = "") -> None:
        self.client.store_offsets(offsets=[TopicPartition(topic, 0, offset, metadata)])
        self.client.commit(asynchronous=True)


def until(done: Callable[[], object], *ones: One) -> None:
    deadline = ones[0].world.now() + SECONDS
    while not done():
        assert ones[0].world.now() < deadline, [each.events for each in ones]
        for each in ones:
            each.messages += each.client.consume(100, 0.05)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_committed_is_where_the_next_one_begins(play: Play, protocol: str) -> None:
    def body(world: World) -> None:
        topic, group = world.topic(), world.group()
        world.produce(topic, b"0", b"1", b"2")
        first = One(world, group, [topic], protocol)
        until(lambda: len(first.messages) == 3, first)
        assert first.client.position([TopicPartition(topic, 0)])[0].offset == 3
        first.commit(topic, 2, "id-of-topic")
        until(lambda: first.commits, first)
        assert first.commits[0][0] is None
        (known,) = first.client.committed([TopicPartition(topic, 0)], timeout=SECONDS)
        assert (known.offset, known.metadata) == (2, "id-of-topic")
        first.client.close()
        second = One(world, group, [topic], protocol)
        until(lambda: second.messages, second)
        assert second.values() == [b"2"]
        second.client.close()

    play(body)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_second_member_gets_its_share_once_the_first_gave_it_up(play: Play, protocol: str) -> None:
    def body(world: World) -> None:
        topic, group = world.topic(2), world.group()
        first = One(world, group, [topic], protocol)
        until(lambda: len(first.owned) == 2, first)
        second = One(world, group, [topic], protocol)

        def shared() -> bool:
            assert first.owned.isdisjoint(second.owned), "nobody has it before the other gave it up"
            return len(first.owned) == 1 and len(second.owned) == 1

        until(shared, first, second)
        revoked = [partitions for what, partitions in first.events if what == "revoke"]
        assert revoked[0] == ([0, 1] if protocol == "eager" else [next(iter(second.owned))[1]])
        second.client.close()
        until(lambda: len(first.owned) == 2, first)
        assert "lost" not in [what for what, _ in first.events]
        first.client.close()

    play(body)


def test_nothing_stored_is_nothing_to_commit_and_only_what_is_assigned_can_be_stored(play: Play) -> None:
    def body(world: World) -> None:
        topic = world.topic()
        world.produce(topic, b"0")
        one = One(world, world.group(), [topic])
        until(lambda: one.messages, one)
        one.client.commit(asynchronous=True)
        until(lambda: one.commits, one)
        assert one.commits[0][0] is not None
        assert one.commits[0][0].code() == KafkaError._NO_OFFSET
        with pytest.raises(KafkaException) as foreign:
            one.client.store_offsets(offsets=[TopicPartition(topic, 7, 1)])
        assert foreign.value.args[0].code() in (KafkaError._STATE, KafkaError._UNKNOWN_PARTITION)
        one.client.incremental_unassign([TopicPartition(topic, 0)])
        with pytest.raises(KafkaException) as unassigned:
            one.client.store_offsets(offsets=[TopicPartition(topic, 0, 1)])
        assert unassigned.value.args[0].code() == KafkaError._STATE
        one.client.close()

    play(body)


def test_an_offset_that_is_gone_is_an_error_and_assigning_anew_goes_on(play: Play) -> None:
    def body(world: World) -> None:
        topic = world.topic()
        world.produce(topic, b"0", b"1", b"2", b"3")
        world.delete_records(topic, 2)
        one = One(world, world.group(), [topic])
        until(lambda: one.errors(), one)
        assert one.errors() == [KafkaError._AUTO_OFFSET_RESET]
        assert one.values() == []
        one.client.incremental_unassign([TopicPartition(topic, 0)])
        one.client.incremental_assign([TopicPartition(topic, 0, 2)])
        until(lambda: len(one.values()) == 2, one)
        assert one.values() == [b"2", b"3"]
        one.client.close()

    play(body)


def test_what_is_paused_hands_out_nothing_also_after_it_was_assigned_anew(play: Play) -> None:
    def body(world: World) -> None:
        topic = world.topic()
        world.produce(topic, b"0", b"1", b"2")
        one = One(world, world.group(), [topic])
        until(lambda: one.owned, one)
        partition = TopicPartition(topic, 0, 0)
        one.client.pause([partition])
        one.client.incremental_unassign([partition])
        one.client.incremental_assign([partition])
        one.messages.clear()
        for _ in range(10):
            one.messages += one.client.consume(10, 0.05)
        assert one.messages == []
        one.client.resume([partition])
        until(lambda: len(one.messages) == 3, one)
        one.client.close()

    play(body)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_partition_that_is_paused_and_sought_goes_on_there_and_its_position_is_unknown_until_then(
    play: Play, protocol: str
) -> None:
    def body(world: World) -> None:
        topic = world.topic()
        world.produce(topic, *[b"%d" % number for number in range(10)])
        one = One(world, world.group(), [topic], protocol)
        until(lambda: len(one.messages) == 10, one)
        for _ in range(2):
            one.client.pause([TopicPartition(topic, 0)])
            one.client.seek(TopicPartition(topic, 0, 4))
            assert one.client.position([TopicPartition(topic, 0)])[0].offset < 0
            one.messages.clear()
            for _ in range(10):
                one.messages += one.client.consume(10, 0.05)
            assert one.messages == []
            assert one.client.position([TopicPartition(topic, 0)])[0].offset < 0
            one.client.resume([TopicPartition(topic, 0)])
            until(lambda: len(one.messages) == 6, one)
            assert one.values() == [b"%d" % number for number in range(4, 10)]
        one._forget(one.client, [TopicPartition(topic, 0)])
        with pytest.raises(KafkaException):
            one.client.seek(TopicPartition(topic, 0, 4))
        one.client.close()

    play(body)


@pytest.mark.parametrize("size", [10, 5000])
def test_a_delivery_is_told_within_poll_with_what_became_of_it(play: Play, size: int) -> None:
    def body(world: World) -> None:
        topic = world.topic(1, **{"max.message.bytes": "2000"})
        producer = world.producer({"delivery.timeout.ms": 100000, "compression.type": "none"})
        told: list[int | None] = []
        producer.produce(
            topic, value=b"x" * size, on_delivery=lambda e, _: told.append(None if e is None else e.code())
        )
        assert told == []
        assert len(producer) == 1
        deadline = world.now() + SECONDS
        while not told:
            assert world.now() < deadline
            producer.poll(0.1)
        assert told == [None if size < 2000 else KafkaError.MSG_SIZE_TOO_LARGE]
        assert len(producer) == 0

    play(body)


def test_what_a_callback_raises_is_raised_by_consume(play: Play) -> None:
    def body(world: World) -> None:
        topic = world.topic()
        world.produce(topic, *[b"%d" % number for number in range(10)])
        raising: list[str] = []

        def on_commit(*_: object) -> None:
            raising.append("raised")
            raise ValueError("a callback that fails")

        one = One(world, world.group(), [topic], on_commit=on_commit)
        until(lambda: one.messages, one)
        until(lambda: len(one.messages) == 10, one)
        one.commit(topic, 10)
        with pytest.raises(ValueError, match="a callback that fails"):
            until(lambda: raising, one)
        assert raising == ["raised"]
        one.client.close()

    play(body)


@pytest.mark.parametrize("protocol", ["cooperative", "consumer"])
def test_an_explicit_commit_of_somebody_elses_partition_is_taken(play: Play, protocol: str) -> None:
    """Why the source never names offsets when it commits: only the client's own check of what is stored is a fence."""

    def body(world: World) -> None:
        topic, group = world.topic(2), world.group()
        first, second = One(world, group, [topic], protocol), One(world, group, [topic], protocol)
        until(lambda: len(first.owned) == 1 and len(second.owned) == 1, first, second)
        ((_, foreign),) = second.owned
        until(lambda: first.client.position([TopicPartition(topic, foreign)])[0].offset < 0, first, second)
        first.client.commit(offsets=[TopicPartition(topic, foreign, 0)], asynchronous=True)
        until(lambda: first.commits, first, second)
        assert first.commits[0][0] is None
        (known,) = second.client.committed([TopicPartition(topic, foreign)], timeout=SECONDS)
        assert known.offset == 0
        first.client.close()
        second.client.close()

    play(body)


@pytest.mark.parametrize("protocol", ["cooperative", "consumer"])
def test_less_than_was_committed_before_is_committed_only_by_name(play: Play, protocol: str) -> None:
    """Also in another assignment: so what is read again from an earlier offset has to be named."""

    def body(world: World) -> None:
        topic = world.topic()
        world.produce(topic, *[b"%d" % number for number in range(10)])
        one = One(world, world.group(), [topic], protocol)
        until(lambda: len(one.messages) == 10, one)
        one.commit(topic, 8)
        until(lambda: one.commits, one)
        one.client.incremental_unassign([TopicPartition(topic, 0)])
        one.client.incremental_assign([TopicPartition(topic, 0, 0)])
        one.commit(topic, 3)
        until(lambda: len(one.commits) == 2, one)
        assert one.commits[1][0] is not None
        assert one.commits[1][0].code() == KafkaError._NO_OFFSET
        one.client.commit(offsets=[TopicPartition(topic, 0, 3)], asynchronous=True)
        until(lambda: len(one.commits) == 3, one)
        one.commit(topic, 4)
        until(lambda: len(one.commits) == 4, one)
        assert [error for error, _ in one.commits[2:]] == [None, None]
        (known,) = one.client.committed([TopicPartition(topic, 0)], timeout=SECONDS)
        assert known.offset == 4
        one.client.close()

    play(body)

"""The contract of every source: in memory, and on a real broker under both group protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import pytest

from greenflash_kafka.ports import Source, TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.given_properties import GroupProtocol
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.kafka import Kafka, Record
from tests.fakes.source import MemorySource
from tests.simulation.world import Notices, VirtualClock
from tests.waiting import until


class Group(Protocol):
    """A group, and a topic of two partitions that it reads from the beginning."""

    topic: str

    def write(self, partition: int, count: int, topic: str = "") -> None:
        """Append so many messages."""
        ...

    def another_topic(self) -> str:
        """A topic of one partition."""
        ...

    def begin(self, reading: Reading) -> Source:
        """A source, the group's only member, that has joined or is about to."""
        ...


class InMemory:
    def __init__(self) -> None:
        self.topic = "t"
        self._source = MemorySource(VirtualClock())

    def write(self, partition: int, count: int, topic: str = "") -> None:
        for _ in range(count):
            self._source.append(topic or self.topic, b"x", partition)

    def another_topic(self) -> str:
        self.write(0, 0, "u")
        return "u"

    def begin(self, reading: Reading) -> Source:
        self._source.subscribe(reading)
        self._source.rebalance([(self.topic, 0), (self.topic, 1)])
        return self._source


class OnKafka:
    def __init__(self, kafka: Kafka, protocol: GroupProtocol) -> None:
        self._kafka = kafka
        self.topic = kafka.topic(2)
        self._settings = properties.ClientSettings(kafka.bootstrap_servers, kafka.name("group"), protocol)

    def write(self, partition: int, count: int, topic: str = "") -> None:
        self._kafka.produce(topic or self.topic, [Record(b"x", partition=partition) for _ in range(count)])

    def another_topic(self) -> str:
        return self._kafka.topic(1)

    def begin(self, reading: Reading) -> Source:
        source = KafkaSource(
            properties.consumer(self._settings),
            Subscription([self.topic], []),
            "earliest",
            "halt",
            AdminQueries(properties.admin(self._settings)),
            Notices(),
        )
        source.subscribe(reading)
        return source


class Reading:
    """A source, what it said of its partitions, and the offsets that it handed on of each."""

    def __init__(self, group: Group) -> None:
        self.starts: dict[TopicPartition, int] = {}
        self.revoked: list[TopicPartition] = []
        self.offsets: dict[TopicPartition, list[int]] = {}
        self.source = group.begin(self)
        self.until(lambda: len(self.starts) == 2, "the partitions")

    def until(self, done: Callable[[], bool], what: str, limit: int = 500) -> None:
        """Take until it is so."""

        def turn() -> bool:
            for each in self.source.take(limit, 0.1):
                self.offsets.setdefault((each.topic, each.partition), []).append(each.offset)
            return done()

        until(turn, what, every=0.0)

    def read(self, partition: TopicPartition, count: int) -> None:
        """Take until so many messages of this partition have come."""
        self.until(lambda: len(self.offsets.get(partition, ())) >= count, f"{count} messages of {partition}")

    def end(self) -> None:
        """Leave the group, everything committed."""
        assert self.source.settle(20)
        self.source.close()

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        self.starts |= starts

    def revoking(self, partitions: Sequence[TopicPartition]) -> None:
        self.revoked += partitions

    def lost(self, partitions: Sequence[TopicPartition]) -> None: ...
    def halted(self, partition: TopicPartition, reason: str) -> None: ...


@pytest.fixture(params=["memory", "classic", "consumer"])
def group(request: pytest.FixtureRequest) -> Group:
    """In memory, or under one of the group protocols."""
    return InMemory() if request.param == "memory" else OnKafka(request.getfixturevalue("kafka"), request.param)


def test_a_life_goes_on_where_the_one_before_committed(group: Group) -> None:
    first, elsewhere = (group.topic, 0), ("elsewhere", 0)
    group.write(0, 10)
    reading = Reading(group)
    assert reading.starts == {first: 0, (group.topic, 1): 0}
    assert reading.source.position(elsewhere) is None
    reading.read(first, 10)
    assert reading.offsets == {first: list(range(10))}
    assert reading.source.position(first) == 10
    reading.source.store({first: 6, elsewhere: 3})
    reading.source.commit()
    reading.until(lambda: reading.source.committed().get(first) == 6, "the commit")
    assert elsewhere not in reading.source.committed(), "what isn't assigned is dropped"
    reading.end()
    again = Reading(group)
    assert again.starts[first] == 6
    again.read(first, 4)
    assert again.offsets == {first: [6, 7, 8, 9]}
    again.end()


def test_of_a_paused_partition_nothing_comes_until_it_is_resumed(group: Group) -> None:
    first, other = (group.topic, 0), (group.topic, 1)
    reading = Reading(group)
    reading.source.pause([first])
    group.write(0, 3)
    group.write(1, 2)
    reading.read(other, 2)
    assert reading.offsets == {other: [0, 1]}
    reading.source.resume([first])
    reading.read(first, 3)
    assert reading.offsets[first] == [0, 1, 2]
    reading.end()


def test_ends_and_lag_are_known_of_each_assigned_partition(group: Group) -> None:
    first, other = (group.topic, 0), (group.topic, 1)
    group.write(0, 5)
    reading = Reading(group)
    reading.read(first, 5)
    reading.source.store({first: 2})
    reading.source.commit()
    reading.until(lambda: reading.source.lag() == {first: 3, other: 0}, "the lag")
    assert reading.source.ends() == {first: 5, other: 0}
    assert reading.source.open_transactions() == {}
    assert reading.source.remaining() == {}
    assert (list(reading.source.lacking()), reading.source.nothing()) == ([], False)
    reading.end()


def test_what_is_put_back_comes_again_in_order_after_the_resume(group: Group) -> None:
    first, other = (group.topic, 0), (group.topic, 1)
    group.write(0, 300)
    reading = Reading(group)
    source, offsets = reading.source, reading.offsets
    reading.until(lambda: len(offsets.get(first, ())) >= 100, "100 messages", limit=50)
    for start in (37, 5):
        offsets.clear()
        source.put_back(first, start)
        assert source.position(first) == start, "nothing is committed past what is put back"
        group.write(1, 1)
        reading.read(other, 1)
        assert first not in offsets, "it is paused"
        source.resume([first])
        reading.until(lambda: offsets.get(first, [0])[-1] == 299, "all of it again")
        assert offsets[first] == list(range(start, 300))
        assert source.position(first) == 300
    source.put_back(("elsewhere", 0), 7)
    assert source.position(("elsewhere", 0)) is None
    reading.end()


def test_other_topics_are_read_once_they_are_meant(group: Group) -> None:
    first, other = (group.topic, 0), (group.topic, 1)
    # Before the source begins: of a topic that librdkafka doesn't know yet it says that the old ones were lost.
    new = (group.another_topic(), 0)
    group.write(0, 3, new[0])
    group.write(0, 2)
    reading = Reading(group)
    reading.read(first, 2)
    reading.source.resubscribe([new[0]], [])
    reading.read(new, 3)
    reading.until(lambda: sorted(reading.revoked) == [first, other], "the old topic's partitions to go")
    assert reading.offsets == {first: [0, 1], new: [0, 1, 2]}
    assert reading.source.position(first) is None
    reading.end()

"""The contract of queries to the cluster: the admin client on a real one, and the simulation's, in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import pytest
from confluent_kafka import KafkaException

from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.cluster import Cluster
from greenflash_kafka.source.ends import PartitionEnds
from tests.brokers.kafka import Kafka, Record
from tests.simulation.kafka.cluster import MemoryKafka
from tests.simulation.kafka.questions import MemoryTopics
from tests.simulation.scheduler import Scheduler
from tests.waiting import until


class World(Protocol):
    """A cluster with topics, and who asks it; what asks is given to `run`."""

    queries: Cluster

    def topic(self, messages: int = 0) -> str:
        """A new topic of two partitions, with so many messages in the first."""
        ...

    def create_again(self, name: str) -> None:
        """Delete the topic, and create it again."""
        ...

    def run(self, ask: Callable[[], None]) -> None:
        """Run it where it can wait."""
        ...


class OnKafka:
    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self.queries: Cluster = AdminQueries(properties.admin(properties.ClientSettings(kafka.bootstrap_servers)))

    def topic(self, messages: int = 0) -> str:
        name = self._kafka.topic(2)
        if messages:
            self._kafka.produce(name, [Record(b"x", partition=0)] * messages)
        return name

    def create_again(self, name: str) -> None:
        self._kafka.delete_topic(name)
        self._kafka.create_topic(name, 2)

    def run(self, ask: Callable[[], None]) -> None:
        ask()


class InMemory:
    def __init__(self) -> None:
        self._kafka = MemoryKafka(Scheduler())
        self.queries: Cluster = MemoryTopics(self._kafka)

    def topic(self, messages: int = 0) -> str:
        name = f"topic-{len(self._kafka.topics)}"
        self._kafka.create_topic(name, 2)
        for _ in range(messages):
            self._kafka.produce(name, b"x")
        return name

    def create_again(self, name: str) -> None:
        self._kafka.delete_topic(name)
        self._kafka.create_topic(name, 2)

    def run(self, ask: Callable[[], None]) -> None:
        scheduler = self._kafka.scheduler
        member = scheduler.spawn("asking", ask)
        scheduler.run(60)
        scheduler.close()
        if member.error is not None:
            raise member.error


@pytest.fixture(params=["memory", "kafka"])
def world(request: pytest.FixtureRequest) -> World:
    """In memory, or on a real broker."""
    return InMemory() if request.param == "memory" else OnKafka(request.getfixturevalue("kafka"))


def ids(queries: Cluster, *topics: str) -> Mapping[str, str]:
    """The answer to a query of these topics' ids."""
    queries.start_id_query(topics)
    answer = queries.poll_ids(10)
    assert answer is not None
    return answer


def test_a_topic_has_an_id_of_its_own_and_another_one_when_it_is_created_again(world: World) -> None:
    def ask() -> None:
        one, other = world.topic(), world.topic()
        first = ids(world.queries, one, other)
        assert first.keys() == {one, other}
        assert len(set(first.values())) == 2
        assert ids(world.queries, one) == {one: first[one]}
        world.create_again(one)
        again = ids(world.queries, one, other)
        assert again[one] not in ("", "-", first[one])
        assert again[other] == first[other]

    world.run(ask)


def test_an_answer_about_ids_leaves_out_what_does_not_exist_and_is_given_once(world: World) -> None:
    def ask() -> None:
        name = world.topic()
        assert world.queries.poll_ids(0) is None, "nothing was asked"
        assert ids(world.queries, name, "missing-one").keys() == {name}
        assert world.queries.poll_ids(0) is None

    world.run(ask)


def test_offsets_are_those_of_the_log_and_minus_one_past_the_last_time(world: World) -> None:
    def ask() -> None:
        name = world.topic(messages=5)
        first, empty = (name, 0), (name, 1)
        assert world.queries.offsets([first, empty], "earliest") == {first: 0, empty: 0}
        for end in ("latest", "end"):
            assert world.queries.offsets([first, empty], end) == {first: 5, empty: 0}
        assert world.queries.offsets([first], 1_000) == {first: 0}
        assert world.queries.offsets([first], 1 << 42) == {first: -1}
        with pytest.raises(KafkaException):
            world.queries.offsets([("missing-one", 0)], "earliest")

    world.run(ask)


def test_ends_come_all_together_and_partitions_without_an_answer_are_left_out(world: World) -> None:
    def ask() -> None:
        name = world.topic(messages=5)
        asked = world.queries.ask_ends([(name, 0), (name, 1), ("missing-one", 0)])
        until(asked.done, "the ends")
        assert asked.known() == {(name, 0): PartitionEnds(0, 5, 5), (name, 1): PartitionEnds(0, 0, 0)}

    world.run(ask)


def test_all_topics_are_listed(world: World) -> None:
    def ask() -> None:
        one, other = world.topic(), world.topic()
        asked = world.queries.ask_topics()
        until(asked.done, "the list")
        assert {one, other} <= set(asked.result())

    world.run(ask)

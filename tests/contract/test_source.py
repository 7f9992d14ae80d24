"""The Kafka source's own promises, on librdkafka's mock cluster."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.kafka_offsets import At
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.mock import MockKafka
from tests.simulation.kafka.questions import MemoryEnds
from tests.simulation.world import Notices


class WithoutIds:
    """A cluster older than topic ids."""

    def start_id_query(self, topics: Iterable[str]) -> None:
        pass

    def poll_ids(self, timeout: float) -> Mapping[str, str] | None:  # noqa: ARG002
        raise ConfigInvalid("the broker has no id for topic")

    def ask_topics(self) -> Future[Collection[str]]:
        return Future()

    def ask_member(self, group: str, member: str) -> Future[bool]:  # noqa: ARG002
        return Future()

    def offsets(self, partitions: Sequence[TopicPartition], at: At) -> dict[TopicPartition, int]:  # noqa: ARG002
        return dict.fromkeys(partitions, 0)

    def ask_ends(self, partitions: Sequence[TopicPartition]) -> MemoryEnds:  # noqa: ARG002
        return MemoryEnds({})


class Rebalances:
    def assigned(self, starts: Mapping[TopicPartition, int]) -> None: ...
    def revoking(self, partitions: Sequence[TopicPartition]) -> None: ...
    def lost(self, partitions: Sequence[TopicPartition]) -> None: ...
    def halted(self, partition: TopicPartition, reason: str) -> None: ...


def test_what_a_callback_finds_wrong_with_the_configuration_is_the_configurations_fault(mock_kafka: MockKafka) -> None:
    topic = mock_kafka.topic(1)
    settings = properties.consumer(
        properties.ClientSettings(
            bootstrap_servers=mock_kafka.bootstrap_servers, group=mock_kafka.name("group"), group_protocol="classic"
        )
    )
    source = KafkaSource(settings, Subscription([topic], []), "earliest", "halt", WithoutIds(), Notices())
    source.subscribe(Rebalances())
    with pytest.raises(ConfigInvalid):
        take_for(source, 120)


def take_for(source: KafkaSource, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        source.take(10, 0.2)

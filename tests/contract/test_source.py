"""The Kafka source's own promises, on librdkafka's mock cluster."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

import pytest

from consumer.errors import ConfigInvalid
from consumer.ports import TopicPartition
from consumer.source import properties
from consumer.source.kafka import KafkaSource
from consumer.source.start import StartAt
from consumer.source.subscription import Subscription
from tests.brokers.mock import MockKafka
from tests.simulation.world import Notices


class WithoutIds:
    """A cluster older than topic ids."""

    def ask(self, topics: Iterable[str]) -> None:
        pass

    def answer(self, timeout: float) -> Mapping[str, str] | None:  # noqa: ARG002
        raise ConfigInvalid("the broker has no id for topic")

    def offsets(self, partitions: Sequence[TopicPartition], at: StartAt) -> dict[TopicPartition, int]:  # noqa: ARG002
        return dict.fromkeys(partitions, 0)


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

"""A pattern that matches nothing yet: the client isn't told of it before there is a topic, and then reads it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.subscription import Subscription
from tests.brokers.mock import MockKafka
from tests.simulation.world import Notices


class Told:
    def __init__(self) -> None:
        self.starts: dict[TopicPartition, int] = {}

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        self.starts |= starts

    def revoking(self, partitions: Sequence[TopicPartition]) -> None: ...
    def lost(self, partitions: Sequence[TopicPartition]) -> None: ...
    def halted(self, partition: TopicPartition, reason: str) -> None: ...


def test_a_pattern_that_matches_nothing_waits_for_the_first_topic(mock_kafka: MockKafka) -> None:
    settings = properties.ClientSettings(
        bootstrap_servers=mock_kafka.bootstrap_servers,
        group=mock_kafka.name("group"),
        properties={"topic.metadata.refresh.interval.ms": "500"},
    )
    notices, told = Notices(), Told()
    cluster = AdminQueries(properties.admin(settings))
    family = mock_kafka.name("family")
    source = KafkaSource(
        properties.consumer(settings), Subscription([], [f"{family}.*"]), "earliest", "halt", cluster, notices
    )
    source.subscribe(told)
    assert source.take(10, 0.2) == []
    assert source.nothing()
    assert source.lacking() == (f"/{family}.*/",)
    mock_kafka.create_topic(f"{family}-1")
    mock_kafka.produce(f"{family}-1", [b"first"])
    read: list[bytes | None] = []
    until = time.monotonic() + 60
    while not read:
        assert time.monotonic() < until, notices.seen
        read += [each.value for each in source.take(10, 0.2)]
    assert read == [b"first"]
    assert not source.nothing()
    assert source.settle(10)
    source.close()

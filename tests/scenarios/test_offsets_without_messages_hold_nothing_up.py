"""Aborted transactions, the markers at the end of a partition, and what compaction left out: lag 0, and a run ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from confluent_kafka import Producer

from tests.brokers.kafka import Kafka, Record


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


def test_aborted_transactions_and_markers_at_the_end(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    kafka = deployment.kafka
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka.name("tx")})
    producer.init_transactions(30)
    for number, kept in enumerate([True, False, True, False, False]):
        producer.begin_transaction()
        for each in deployment.orders(10, number * 10):
            producer.produce(topic, each)
        producer.flush(30)
        if kept:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    deployment.run_until_idle()
    assert set(deployment.stored()) == {f"upgrade_purchased:o{number}" for number in (*range(10), *range(20, 30))}
    assert kafka.committed(deployment.group, topic) == kafka.ends(topic) == {0: 55}
    assert kafka.lag(deployment.group, topic) == 0


def test_what_compaction_left_out(deployment: Any, until: Any) -> None:
    quickly = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.001",
        "max.compaction.lag.ms": "100",
        "min.compaction.lag.ms": "0",
    }
    (topic,) = deployment.topics(1, config=quickly)
    kafka = deployment.kafka
    for number in range(60):
        kafka.produce(topic, [Record(deployment.orders(1, number)[0], key=b"%d" % (number % 3))])
    until(lambda: _offsets(kafka, topic) < 40, "the broker to compact")
    left = {json.loads(each.value)["id"] for each in kafka.read(topic) if each.value}
    deployment.run_until_idle()
    stored = {each.rpartition(":")[2] for each in deployment.stored()}
    # The broker may have left out more meanwhile, never a key's last message.
    assert {"o57", "o58", "o59"} <= stored <= left
    assert kafka.committed(deployment.group, topic) == kafka.ends(topic)


def _offsets(kafka: Any, topic: str) -> int:
    kafka.produce(topic, [Record(None, key=b"roll")])  # only a segment that isn't written to any more is compacted
    return len(kafka.read(topic))

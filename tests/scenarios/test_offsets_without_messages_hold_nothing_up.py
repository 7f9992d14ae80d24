"""Aborted transactions and the markers at the end of a partition: lag 0, and a run ends."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Producer

from tests.brokers.kafka import Kafka


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

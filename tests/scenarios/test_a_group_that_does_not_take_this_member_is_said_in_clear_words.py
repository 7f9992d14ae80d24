"""Another assignor in the group: an exit code, and what to do."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Consumer

from tests.brokers.kafka import Kafka


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


def test_members_that_share_partitions_in_another_way(deployment: Any, until: Any) -> None:
    deployment.topics(1)
    other = Consumer(
        {
            "bootstrap.servers": deployment.kafka.bootstrap_servers,
            "group.id": deployment.group,
            "partition.assignment.strategy": "range",
            "enable.auto.commit": False,
        }
    )
    other.subscribe([deployment.topic])
    until(lambda: other.poll(0.1) is None and bool(other.assignment()), "the other member to have the partition")
    try:
        refused = deployment.run()
        assert refused.wait() == 2
        assert "kafka.assignor" in refused.said()
        assert "Traceback" not in refused.said()
    finally:
        other.close()
    deployment.kafka.produce(deployment.topic, deployment.orders(5))
    deployment.run_until_idle(GREENFLASH_KAFKA_KAFKA__ASSIGNOR="range")
    assert len(deployment.stored()) == 5

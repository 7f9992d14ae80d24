"""Another assignor in the group, and two processes with one group.instance.id: an exit code, and what to do."""

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


def test_two_processes_with_the_same_instance_id(deployment: Any, until: Any, quickly: dict[str, str]) -> None:
    deployment.topics(2)
    settings = {**quickly, "GREENFLASH_KAFKA_KAFKA__PROPERTIES__GROUP_INSTANCE_ID": "one"}
    first = deployment.run(**settings)
    first.until("partitions_assigned")
    second = deployment.run(**settings)
    until(lambda: _ended(first, second), "one to end")
    loser, winner = (first, second) if first.process.poll() is not None else (second, first)
    assert loser.wait() == 2
    assert "group.instance.id" in loser.said()
    deployment.kafka.produce(deployment.topic, deployment.orders(20))
    until(lambda: deployment.sandbox.stats()["stored"] == 20, "the other one to do the work")
    assert winner.stop() == 0
    assert deployment.sandbox.stats()["received"] == 20


def _ended(*processes: Any) -> bool:
    return any(each.process.poll() is not None for each in processes)

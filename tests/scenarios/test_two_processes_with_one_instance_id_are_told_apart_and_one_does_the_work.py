"""Two processes with the same `group.instance.id`: one ends with words, the other one works on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.brokers.kafka import Kafka


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


def test_two_processes_with_one_instance_id(deployment: Any, until: Any, quickly: dict[str, str]) -> None:
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

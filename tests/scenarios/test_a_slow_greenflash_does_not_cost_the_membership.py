"""Answers slower than max.poll.interval.ms: the loop goes on polling, and no partition is lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests.brokers.kafka import Kafka


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


def test_a_slow_greenflash_does_not_cost_the_membership(deployment: Any, until: Any, quickly: dict[str, str]) -> None:
    deployment.topics(2)
    deployment.kafka.produce(deployment.topic, deployment.orders(40))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 4, "rate": 1}])
    process = deployment.run(
        **quickly,
        GREENFLASH_KAFKA_KAFKA__PROPERTIES__MAX_POLL_INTERVAL_MS="2000",
        GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="20",
    )
    until(lambda: deployment.sandbox.stats()["stored"] == 40, "all of it")
    assert process.stop() == 0
    assert deployment.sandbox.stats()["received"] == 40
    assert "partitions_lost" not in process.said()
    assert "poll_too_late" not in process.said()
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0

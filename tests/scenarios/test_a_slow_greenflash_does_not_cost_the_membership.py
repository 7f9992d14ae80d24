"""Answers slower than max.poll.interval.ms: the loop goes on polling, and no partition is lost."""

from __future__ import annotations

from typing import Any

import pytest

POLL = {"GREENFLASH_KAFKA_KAFKA__PROPERTIES__MAX_POLL_INTERVAL_MS": "6000"}
SHORT = {"GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "6000"}
"""No longer than the other, or librdkafka refuses it."""


@pytest.mark.parametrize(
    "group", [SHORT, {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": "consumer"}], ids=["classic", "consumer"]
)
def test_a_slow_greenflash_does_not_cost_the_membership(deployment: Any, until: Any, group: dict[str, str]) -> None:
    deployment.topics(2)
    deployment.kafka.produce(deployment.topic, deployment.orders(40))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 8, "rate": 1}])
    process = deployment.run(**POLL, **group, GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="40")
    until(lambda: deployment.sandbox.stats()["stored"] == 40, "all of it")
    assert process.stop() == 0
    assert deployment.sandbox.stats()["received"] == 40
    assert "partitions_lost" not in process.said()
    assert "poll_too_late" not in process.said()
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0

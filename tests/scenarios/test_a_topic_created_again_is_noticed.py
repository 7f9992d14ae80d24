"""A deleted and recreated topic, with more messages than before: nothing of it is skipped in silence."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_topic_created_again_is_noticed(deployment: Any, until: Any, protocol: str) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(10))
    process = deployment.run(GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL=protocol)
    until(lambda: deployment.sandbox.stats()["stored"] == 10, "the first orders")
    deployment.kafka.delete_topic(deployment.topic)
    deployment.kafka.create_topic(deployment.topic, 1)
    deployment.kafka.produce(deployment.topic, deployment.orders(30, 100))
    process.until("partition_halted")
    assert "deleted and created again" in process.said()
    assert deployment.sandbox.stats()["stored"] == 10
    assert process.stop() == 0

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
    # A classic group may go on at the old offset for some seconds before it is noticed; afterwards it reads no more.
    stored = deployment.sandbox.stats()["stored"]
    assert 10 <= stored <= 30
    deployment.kafka.produce(deployment.topic, deployment.orders(5, 200))
    assert process.stop() == 0
    assert not [
        each for each in deployment.stored() if each.endswith(tuple(f":o{number}" for number in range(200, 205)))
    ]
    assert deployment.kafka.committed(deployment.group, deployment.topic).get(0, 0) <= stored


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_it_is_read_from_its_beginning_if_the_configuration_says_so(deployment: Any, until: Any, protocol: str) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(10))
    process = deployment.run(
        GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL=protocol, GREENFLASH_KAFKA_KAFKA__ON_MISSING_OFFSETS="continue"
    )
    until(lambda: deployment.kafka.committed(deployment.group, deployment.topic) == {0: 10}, "the first orders")
    deployment.kafka.delete_topic(deployment.topic)
    deployment.kafka.create_topic(deployment.topic, 1)
    deployment.kafka.produce(deployment.topic, deployment.orders(5, 100))
    process.until("partition_skipped_ahead")
    until(lambda: deployment.sandbox.stats()["stored"] == 15, "those of the new topic, though there are fewer")
    until(lambda: deployment.kafka.committed(deployment.group, deployment.topic) == {0: 5}, "their commit")
    assert process.stop() == 0

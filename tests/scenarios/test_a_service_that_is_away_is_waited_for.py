"""Nobody listens, or nobody knows the name: everything waits, and goes out once the service is there."""

from __future__ import annotations

from typing import Any

from tests.brokers.broker import free_ports
from tests.fakes.greenflash_by_hand import GreenflashByHand


def test_nobody_listens_until_later(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(2)
    deployment.kafka.produce(topic, deployment.orders(200))
    (port,) = free_ports(1)
    process = deployment.run(GREENFLASH_BASE_URL=f"http://127.0.0.1:{port}/api/v1")
    process.until("key_unchecked")
    process.until("partitions_assigned")
    service = GreenflashByHand(port=port)
    try:
        until(lambda: len(service.stored) == 200, "all events to be stored")
        assert process.stop() == 0
    finally:
        service.server.close()
    assert deployment.kafka.lag(deployment.group, topic) == 0
    assert deployment.kafka.read(deployment.dead_letters) == []


def test_an_unknown_host_loses_nothing(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, deployment.orders(20))
    process = deployment.run(GREENFLASH_BASE_URL="https://greenflash.invalid/api/v1")
    process.until("partitions_assigned")
    assert process.stop() == 0
    assert deployment.kafka.lag(deployment.group, topic) == 20
    assert deployment.kafka.read(deployment.dead_letters) == []

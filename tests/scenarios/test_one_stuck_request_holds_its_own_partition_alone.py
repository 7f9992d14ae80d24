"""The commit of one partition waits for its oldest event; the other partitions go on and commit."""

from __future__ import annotations

from typing import Any

from tests.brokers.kafka import Record
from tests.fakes.greenflash_by_hand import greenflash_by_hand


def test_one_stuck_request_holds_its_own_partition_alone(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(3)
    orders = [Record(value, partition=number % 3) for number, value in enumerate(deployment.orders(600))]
    deployment.kafka.produce(topic, orders)
    with greenflash_by_hand(
        lambda identity: (lambda _, exchange: exchange.hang()) if identity.endswith(":o0") else None
    ) as service:
        process = deployment.run(
            GREENFLASH_BASE_URL=service.base_url, GREENFLASH_KAFKA_GREENFLASH__TIMEOUT_SECONDS="600"
        )
        until(lambda: len(service.stored) == 599, "all others to be stored")
        until(lambda: deployment.kafka.lag(deployment.group, topic) == 200, "the other partitions to be committed")
        process.kill()
    deployment.run_until_idle()
    assert len(deployment.stored()) == 200, "the held partition came again, whole"
    assert deployment.kafka.lag(deployment.group, topic) == 0

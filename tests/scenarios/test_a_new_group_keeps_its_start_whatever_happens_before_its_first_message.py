"""A `latest` group that dies before its first message has already committed where it began."""

from __future__ import annotations

from typing import Any


def test_a_new_group_keeps_its_start_whatever_happens_before_its_first_message(deployment: Any) -> None:
    deployment.topics(3)
    deployment.kafka.produce(deployment.topic, deployment.orders(50))
    latest = {
        "GREENFLASH_KAFKA_KAFKA__START": "latest",
        "GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "6000",
    }
    process = deployment.run(**latest)
    process.until("start_resolved")
    process.kill()
    deployment.kafka.produce(deployment.topic, deployment.orders(7, 50))
    deployment.run_until_idle(**latest)
    assert set(deployment.stored()) == {f"upgrade_purchased:o{number}" for number in range(50, 57)}

"""A second member joins and leaves in the middle, under both group protocols."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_two_members_share_the_work_and_lose_nothing_when_one_leaves(
    deployment: Any, until: Any, protocol: str
) -> None:
    deployment.topics(6)
    deployment.kafka.produce(deployment.topic, deployment.orders(4000))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.2, "rate": 1}])
    settings = {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": protocol, "GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "64"}
    first = deployment.run(**settings)
    first.until("partitions_assigned")
    second = deployment.run(**settings)
    second.until("partitions_assigned")
    until(lambda: deployment.sandbox.stats()["received"] > 1000, "some of the work")
    assert second.stop() == 0
    until(lambda: deployment.sandbox.stats()["stored"] == 4000, "all of the work")
    assert first.stop() == 0
    assert len(deployment.sandbox.events()) == 4000
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0

"""A crash sends again what `delivery.max_uncommitted` allows and one batch, however seldom offsets are committed."""

from __future__ import annotations

from typing import Any

import pytest

LIMIT, IN_FLIGHT, BATCH = 100, 16, 500


@pytest.mark.parametrize("stuck", [True, False])
def test_a_crash_sends_no_more_again_than_max_uncommitted(deployment: Any, until: Any, stuck: bool) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(10_000))
    if stuck:
        deployment.sandbox.set_faults([{"kind": "status", "status": 500, "insert_id": "upgrade_purchased:o300"}])
    process = deployment.run(
        GREENFLASH_KAFKA_DELIVERY__MAX_UNCOMMITTED=str(LIMIT),
        GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT=str(IN_FLIGHT),
        GREENFLASH_KAFKA_COMMIT_SECONDS="60",
    )
    if stuck:
        process.until("partition_held")
        (held,) = process.lines("partition_held")
        assert (held["reason"], held["offset"], held["last"]) == ("ahead", 300, "status-500")
        assert LIMIT < held["ahead"] <= LIMIT + IN_FLIGHT + BATCH
    else:
        until(lambda: deployment.sandbox.stats()["stored"] >= 5_000, "half of the orders")
    process.kill()
    committed = deployment.kafka.committed(deployment.group, deployment.topic)[0]
    again = [order for order in deployment.stored() if int(order.rpartition(":o")[2]) >= committed]
    assert len(again) <= LIMIT + IN_FLIGHT + BATCH

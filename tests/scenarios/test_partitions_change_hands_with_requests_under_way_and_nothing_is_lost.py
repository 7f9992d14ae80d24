"""Members join and leave while requests are under way, under every assignor: all once, and no commit goes backwards."""

from __future__ import annotations

from typing import Any

import pytest

COUNT = 900
IN_FLIGHT = 32

KINDS = {
    "range": {"GREENFLASH_KAFKA_KAFKA__ASSIGNOR": "range"},
    "roundrobin": {"GREENFLASH_KAFKA_KAFKA__ASSIGNOR": "roundrobin"},
    "cooperative-sticky": {},
    "consumer": {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": "consumer"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_partitions_change_hands_with_requests_under_way_and_nothing_is_lost(
    deployment: Any, until: Any, kind: str
) -> None:
    deployment.topics(6)
    deployment.kafka.produce(deployment.topic, deployment.orders(COUNT))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.3, "rate": 1}])
    settings = {**KINDS[kind], "GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": str(IN_FLIGHT)}
    if kind != "consumer":
        settings["GREENFLASH_KAFKA_KAFKA__PROPERTIES__HEARTBEAT_INTERVAL_MS"] = "300"
    before: dict[int, int] = {}

    def stored(number: int) -> bool:
        committed = deployment.kafka.committed(deployment.group, deployment.topic)
        assert all(committed.get(each, 0) >= at for each, at in before.items()), (before, committed)
        before.update(committed)
        return bool(deployment.sandbox.stats()["stored"] >= number)

    first = deployment.run(**settings)
    until(lambda: stored(100), "the first member to work")
    second = deployment.run(**settings)
    second.until("partitions_assigned")
    third = deployment.run(**settings)
    third.until("partitions_assigned")
    until(lambda: stored(350), "all three to work")
    assert second.stop() == 0
    until(lambda: stored(COUNT), "all of the work")
    until(lambda: deployment.kafka.lag(deployment.group, deployment.topic) == 0, "everything to be committed")
    assert first.stop() == 0
    assert third.stop() == 0
    assert "partitions_revoked" in first.said()
    assert "partitions_lost" not in first.said() + second.said() + third.said()
    assert set(deployment.stored()) == {f"upgrade_purchased:o{number}" for number in range(COUNT)}
    assert len(deployment.sandbox.events()) == COUNT
    # What was under way is finished before the partitions go, so nearly nothing is sent twice.
    assert deployment.sandbox.stats()["received"] - COUNT <= IN_FLIGHT

"""SIGSTOP for longer than the session, then SIGCONT: another member has done the work, the zombie changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.brokers.kafka import Kafka


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


def test_a_process_that_was_stopped_and_wakes_up_commits_nothing_of_what_it_lost(
    deployment: Any, until: Any, quickly: dict[str, str]
) -> None:
    deployment.topics(4)
    deployment.kafka.produce(deployment.topic, deployment.orders(700))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.2, "rate": 1}])
    settings = {**quickly, "GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "32"}
    zombie = deployment.run(**settings)
    until(lambda: deployment.sandbox.stats()["stored"] > 100, "the first member to work")
    zombie.freeze()
    other = deployment.run(**settings)
    until(lambda: deployment.sandbox.stats()["stored"] == 700, "the other one to do everything")
    until(lambda: deployment.kafka.lag(deployment.group, deployment.topic) == 0, "everything to be committed")
    zombie.thaw()
    zombie.until("partitions_lost")
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
    deployment.kafka.produce(deployment.topic, deployment.orders(200, 700))
    until(lambda: deployment.sandbox.stats()["stored"] == 900, "both to go on")
    assert zombie.stop() == 0
    assert other.stop() == 0
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
    assert set(deployment.stored()) == {f"upgrade_purchased:o{number}" for number in range(900)}
    assert len(deployment.sandbox.events()) == 900

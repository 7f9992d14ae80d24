"""A committed offset below the log's start: the partition waits and says what is missing, the others go on."""

from __future__ import annotations

from typing import Any

from tests.brokers.kafka import Record


def _prepare(deployment: Any) -> None:
    deployment.topics(2)
    for partition in (0, 1):
        orders = deployment.orders(20, partition * 20)
        deployment.kafka.produce(deployment.topic, [Record(each, partition=partition) for each in orders])
    deployment.kafka.commit(deployment.group, deployment.topic, {0: 5, 1: 5})
    deployment.kafka.delete_records(deployment.topic, {0: 15})


def test_it_halts_and_until_idle_says_so(deployment: Any) -> None:
    _prepare(deployment)
    process = deployment.run("--until-idle", "2", "--json")
    assert process.wait() == 1
    assert "offsets 5 to 14 are gone" in process.said()
    (stuck,) = process.summary()["blocked_by"]
    assert f"{deployment.topic}/0" in stuck
    assert set(deployment.stored()) == {f"upgrade_purchased:o{number}" for number in range(25, 40)}
    assert deployment.kafka.committed(deployment.group, deployment.topic) == {0: 5, 1: 20}


def test_it_goes_on_behind_the_gap_if_the_configuration_says_so(deployment: Any) -> None:
    _prepare(deployment)
    deployment.kafka.delete_records(deployment.topic, {1: 20})  # to its end: nothing is there behind the gap
    deployment.run_until_idle(GREENFLASH_KAFKA_KAFKA__ON_MISSING_OFFSETS="continue")
    assert len(deployment.stored()) == 5
    assert deployment.kafka.committed(deployment.group, deployment.topic) == {0: 20, 1: 20}

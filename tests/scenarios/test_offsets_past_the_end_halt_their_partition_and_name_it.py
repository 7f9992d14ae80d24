"""A committed offset beyond the end of the partition: halted, or read anew from the beginning if that is configured."""

from __future__ import annotations

from typing import Any

from tests.brokers.kafka import Record


def test_it_halts_and_names_both_offsets(deployment: Any) -> None:
    deployment.topics(2)
    records = [Record(each, partition=number % 2) for number, each in enumerate(deployment.orders(40))]
    deployment.kafka.produce(deployment.topic, records)
    ends = deployment.kafka.ends(deployment.topic)
    deployment.kafka.commit(deployment.group, deployment.topic, {0: ends[0] + 100, 1: 0})
    process = deployment.run("--until-idle", "2", "--json")
    assert process.wait() == 1
    assert f"the topic ends at {ends[0]}, before the committed offset {ends[0] + 100}" in process.said()
    (stuck,) = process.summary()["blocked_by"]
    assert f"{deployment.topic}/0" in stuck
    assert len(deployment.stored()) == ends[1]
    assert deployment.kafka.committed(deployment.group, deployment.topic) == {0: ends[0] + 100, 1: ends[1]}


def test_it_reads_what_there_is_if_the_configuration_says_so(deployment: Any) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(10))
    deployment.kafka.commit(deployment.group, deployment.topic, {0: 100})
    deployment.run_until_idle(GREENFLASH_KAFKA_KAFKA__ON_MISSING_OFFSETS="continue")
    assert len(deployment.sandbox.events()) == 10
    assert deployment.kafka.committed(deployment.group, deployment.topic) == {0: 10}


def test_the_same_while_an_eager_group_has_other_partitions(deployment: Any) -> None:
    deployment.topics(3)
    deployment.kafka.produce(deployment.topic, deployment.orders(600))
    ends = deployment.kafka.ends(deployment.topic)
    deployment.kafka.commit(deployment.group, deployment.topic, {0: 0, 1: 10_000, 2: 0})
    deployment.run_until_idle(
        GREENFLASH_KAFKA_KAFKA__ON_MISSING_OFFSETS="continue", GREENFLASH_KAFKA_KAFKA__ASSIGNOR="range"
    )
    assert len(deployment.sandbox.events()) == 600
    assert deployment.kafka.committed(deployment.group, deployment.topic) == ends

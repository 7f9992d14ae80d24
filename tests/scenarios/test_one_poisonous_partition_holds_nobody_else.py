"""Hundreds of events that the service alone fails on wait by themselves: the other partitions are delivered."""

from __future__ import annotations

from typing import Any

from tests.brokers.kafka import Record


def test_one_poisonous_partition_holds_nobody_else(deployment: Any, until: Any) -> None:
    deployment.topics(2)
    deployment.sandbox.set_faults([{"kind": "status", "status": 500, "insert_id": "upgrade_purchased:o1????"}])
    bad, good = deployment.orders(600, 10_000), deployment.orders(1500)
    deployment.kafka.produce(deployment.topic, [Record(each, partition=0) for each in bad])
    deployment.kafka.produce(deployment.topic, [Record(each, partition=1) for each in good])
    process = deployment.run()
    until(lambda: deployment.sandbox.stats()["stored"] == 1500, "the orders of the other partition")
    committed = deployment.kafka.committed
    until(lambda: committed(deployment.group, deployment.topic).get(1) == 1500, "their commit")
    assert committed(deployment.group, deployment.topic).get(0, 0) == 0
    assert process.process.poll() is None
    deployment.sandbox.set_faults([])
    until(lambda: deployment.sandbox.stats()["stored"] == 2100, "the others, once they are taken")
    assert process.stop() == 0
    assert deployment.kafka.read(deployment.dead_letters) == []

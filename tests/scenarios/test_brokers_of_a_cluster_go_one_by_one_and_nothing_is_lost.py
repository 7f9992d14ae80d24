"""Three brokers, killed and started again in turn: leaders and coordinators move, everything is stored once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenCluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[MavenCluster]:
    running = MavenCluster(3)
    yield running
    running.stop()


@pytest.fixture
def kafka(cluster: MavenCluster) -> Kafka:
    return Kafka(cluster.bootstrap_servers, replicas=3)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_brokers_of_a_cluster_go_one_by_one_and_nothing_is_lost(
    deployment: Any, cluster: MavenCluster, until: Any, protocol: str
) -> None:
    deployment.topics(6)
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.05, "rate": 1}])
    process = deployment.run(GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL=protocol)
    process.until("partitions_assigned")
    number = 0
    for broker in cluster.brokers:
        deployment.kafka.produce(deployment.topic, deployment.orders(200, number))
        number += 200
        until(lambda goal=number: deployment.sandbox.stats()["received"] >= goal - 150, "work under way")
        broker.kill()
        deployment.kafka.produce(deployment.topic, deployment.orders(200, number))
        number += 200
        until(lambda goal=number: deployment.sandbox.stats()["stored"] == goal, "work to go on without it")
        broker.start()
        until(lambda: deployment.kafka.in_sync(deployment.topic), "it to catch up")
    until(lambda: deployment.kafka.lag(deployment.group, deployment.topic) == 0, "everything to be committed")
    until(lambda: process.health() == (200, []), "readiness")
    assert process.stop() == 0
    assert set(deployment.stored()) == {f"upgrade_purchased:o{each}" for each in range(number)}
    assert len(deployment.sandbox.events()) == number
    assert "partition_halted" not in process.said()

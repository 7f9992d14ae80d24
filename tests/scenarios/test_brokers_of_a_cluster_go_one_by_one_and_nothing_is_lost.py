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


def test_brokers_of_a_cluster_go_one_by_one_and_nothing_is_lost(
    deployments: dict[str, Any], cluster: MavenCluster, kafka: Kafka, until: Any
) -> None:
    for protocol, deployment in deployments.items():
        deployment.topics(6)
        deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.05, "rate": 1}])
        deployment.run(GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL=protocol).until("partitions_assigned")
    both = list(deployments.values())
    number = 0

    def produce() -> None:
        nonlocal number
        for each in both:
            kafka.produce(each.topic, each.orders(200, number))
        number += 200

    for broker in cluster.brokers:
        produce()
        until(lambda: all(each.sandbox.stats()["received"] >= number - 150 for each in both), "work under way")
        broker.kill()
        produce()
        until(lambda: all(each.sandbox.stats()["stored"] == number for each in both), "work to go on without it")
        broker.start()
        until(lambda: all(kafka.in_sync(each.topic) for each in both), "it to catch up")
    for each in both:
        (process,) = each.processes
        until(lambda here=each: kafka.lag(here.group, here.topic) == 0, "everything to be committed")
        until(lambda here=process: here.health() == (200, []), "readiness")
        assert process.stop() == 0
        assert set(each.stored()) == {f"upgrade_purchased:o{order}" for order in range(number)}
        assert len(each.sandbox.events()) == number
        assert "partition_halted" not in process.said()

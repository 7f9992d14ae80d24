"""All brokers gone in the middle of the work: not ready, but alive; and afterwards every message has been delivered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker

GONE = {"brokers_unreachable", "cluster_silent"}


@pytest.fixture
def kafka(breakable_broker: MavenBroker) -> Kafka:
    """In place of the shared one, which nobody may kill."""
    return Kafka(breakable_broker.bootstrap_servers)


def test_a_broker_that_dies_and_comes_back_loses_nothing(
    deployments: dict[str, Any], breakable_broker: MavenBroker, until: Callable[..., None]
) -> None:
    running = []
    for protocol, deployment in deployments.items():
        deployment.topics(3)
        deployment.kafka.produce(deployment.topic, deployment.orders(2000))
        deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.2, "rate": 1}])
        setting = {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": protocol, "GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "32"}
        running.append((deployment, deployment.run(**setting)))
    for deployment, _ in running:
        until(lambda here=deployment.sandbox: here.stats()["received"] >= 200, "events under way")
        # Until the broker is gone the work goes on so slowly that some is left on any machine.
        deployment.sandbox.set_faults([{"kind": "delay", "seconds": 5, "rate": 1}])
    assert [process.health() for _, process in running] == [(200, [])] * 2

    breakable_broker.kill()
    for _, process in running:
        # The one is librdkafka's report, the other our own; which of them comes first depends on the machine.
        until(lambda here=process: GONE & set(here.health()[1]), "readiness to say what is wrong")
        assert process.health()[0] == 503
        assert process.health("live")[0] == 200

    breakable_broker.start()
    for deployment, process in running:
        assert deployment.sandbox.stats()["received"] < 2000, "work was left"
        deployment.sandbox.set_faults([])
        deployment.kafka.produce(deployment.topic, deployment.orders(500, first=2000))
        until(lambda here=deployment.sandbox: here.stats()["stored"] == 2500, "everything to be delivered")
        until(lambda here=deployment: here.kafka.lag(here.group, here.topic) == 0, "everything to be committed")
        until(lambda here=process: here.health() == (200, []), "readiness to return")
        assert process.stop() == 0
        assert {event["insertId"] for event in deployment.sandbox.events()} == {
            f"upgrade_purchased:o{number}" for number in range(2500)
        }

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


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_broker_that_dies_and_comes_back_loses_nothing(
    deployment: Any, breakable_broker: MavenBroker, until: Callable[..., None], protocol: str
) -> None:
    deployment.topics(3)
    deployment.kafka.produce(deployment.topic, deployment.orders(2000))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.2, "rate": 1}])
    protocol_key = {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": protocol}
    process = deployment.run(GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="32", **protocol_key)
    until(lambda: deployment.sandbox.stats()["received"] >= 200, "events under way")
    assert process.health() == (200, [])

    breakable_broker.kill()
    # The one is librdkafka's report, the other our own; which of them comes first depends on the machine.
    until(lambda: GONE & set(process.health()[1]), "readiness to say what is wrong")
    assert process.health()[0] == 503
    assert process.health("live")[0] == 200

    breakable_broker.start()
    deployment.sandbox.set_faults([])
    deployment.kafka.produce(deployment.topic, deployment.orders(500, first=2000))
    until(lambda: deployment.sandbox.stats()["stored"] == 2500, "everything to be delivered")
    until(lambda: deployment.kafka.lag(deployment.group, deployment.topic) == 0, "everything to be committed")
    until(lambda: process.health() == (200, []), "readiness to return")
    assert process.stop() == 0
    assert {event["insertId"] for event in deployment.sandbox.events()} == {
        f"upgrade_purchased:o{number}" for number in range(2500)
    }


def test_sigterm_does_not_wait_for_a_broker_that_says_nothing_any_more(
    deployment: Any, breakable_broker: MavenBroker, until: Callable[..., None]
) -> None:
    deployment.topics(3)
    deployment.kafka.produce(deployment.topic, deployment.orders(20))
    process = deployment.run()
    until(lambda: deployment.sandbox.stats()["stored"] == 20, "everything to be delivered")
    breakable_broker.freeze()
    assert process.stop() == 0

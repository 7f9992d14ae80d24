"""The broker answers nothing any more, its connections open: while members commit, change partitions, and end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker


@pytest.fixture
def kafka(freezable_broker: MavenBroker) -> Kafka:
    """In place of the shared one, which nobody may stop."""
    return Kafka(freezable_broker.bootstrap_servers)


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_broker_that_falls_silent_costs_nothing(
    deployment: Any, freezable_broker: MavenBroker, until: Callable[..., None], protocol: str
) -> None:
    deployment.topics(4, insert_id=None)
    setting = {
        "GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": protocol,
        "GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "16",
        "GREENFLASH_KAFKA_DELIVERY__DRAIN_SECONDS": "5",
    }
    deployment.kafka.produce(deployment.topic, deployment.orders(600))
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.3, "rate": 1}])
    first = deployment.run(**setting)
    until(lambda: deployment.sandbox.stats()["stored"] >= 50, "events under way")

    # Until the broker is silent the work goes on so slowly that some is left on any machine.
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 5, "rate": 1}])
    second = deployment.run(**setting)
    second.until("http_serving")  # from here on it joins, and the first has to give partitions back
    freezable_broker.freeze()
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.3, "rate": 1}])
    stored = deployment.sandbox.stats()["stored"]
    until(lambda: deployment.sandbox.stats()["stored"] >= stored + 16, "what is in hand to go out all the same")
    assert second.stop() in (0, 1), "nobody answers its commit, and it ends all the same"
    assert first.health("live")[0] == 200

    freezable_broker.thaw()
    deployment.sandbox.set_faults([])
    until(lambda: deployment.kafka.lag(deployment.group, deployment.topic) == 0, "everything to be committed")
    assert first.stop() == 0
    values = sorted(event["value"] for event in deployment.sandbox.events())
    assert len(values) == len(set(values)) == 600, "each once, under ids of the records"


def test_sigterm_does_not_wait_for_a_broker_that_says_nothing_any_more(
    deployment: Any, freezable_broker: MavenBroker, until: Callable[..., None]
) -> None:
    deployment.topics(3)
    deployment.kafka.produce(deployment.topic, deployment.orders(20))
    process = deployment.run()
    until(lambda: deployment.sandbox.stats()["stored"] == 20, "everything to be delivered")
    freezable_broker.freeze()
    assert process.stop() in (0, 1), "0 if the commit was confirmed before"
    confirmed = '"committed": 20' in process.said()
    assert (process.process.returncode == 0) == confirmed

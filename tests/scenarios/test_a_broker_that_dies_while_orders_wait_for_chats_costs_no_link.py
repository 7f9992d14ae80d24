"""All brokers gone, or silent, while messages wait for conversations: afterwards all is linked, and SIGTERM ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker
from tests.scenarios.linked import Linked

WAITING = 'greenflash_kafka_messages_waiting{for="horizon"}'


@pytest.fixture
def kafka(breakable_broker: MavenBroker) -> Kafka:
    """In place of the shared one, which nobody may kill."""
    return Kafka(breakable_broker.bootstrap_servers)


def test_a_broker_that_dies_while_orders_wait_for_chats_costs_no_link(
    deployment: Any, breakable_broker: MavenBroker, until: Callable[..., None]
) -> None:
    linked = Linked(deployment, max_delay="5s")
    process = linked.run()
    process.until("partitions_assigned")
    linked.chat("c-1", "ann")
    linked.order(1, "ann")
    until(lambda: process.metrics().get(WAITING) == 1, "the order to wait")
    breakable_broker.kill()
    until(lambda: process.health()[0] == 503, "the process to say that no broker is there")
    breakable_broker.start()
    until(lambda: linked.links() == {"o1": "c-1"}, "the event")
    linked.chat("c-2", "ann", partition=1)
    linked.order(2, "ann", partition=1)
    until(lambda: linked.links() == {"o1": "c-1", "o2": "c-2"}, "another one")
    linked.order(3, "ann")
    until(lambda: process.metrics().get(WAITING) == 1, "an order to wait")
    breakable_broker.freeze()
    try:
        assert process.stop() == 0
    finally:
        # Not to be left to the next test in this state.
        breakable_broker.kill()

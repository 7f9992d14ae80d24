"""A broker comes back without a partition's messages, and others take their offsets: they aren't skipped."""

from __future__ import annotations

from typing import Any

import pytest

from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker

STAYS = {"GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "1200000"}
"""So long a session that the member, which stands still meanwhile, comes back into it however slow the machine is. One
that comes back later gets a new assignment, and the Kafka client doesn't ask what was cut before it began."""


@pytest.fixture
def kafka(breakable_broker: MavenBroker) -> Kafka:
    """In place of the shared one, which nobody may stop."""
    return Kafka(breakable_broker.bootstrap_servers)


def test_a_log_that_was_cut_under_a_reader_is_noticed(
    deployment: Any, breakable_broker: MavenBroker, until: Any
) -> None:
    topic, other = deployment.topics(1, 1)
    deployment.kafka.produce(topic, deployment.orders(100))
    process = deployment.run(**STAYS)
    until(lambda: deployment.kafka.committed(deployment.group, topic) == {0: 100}, "everything to be committed")

    process.freeze()
    breakable_broker.kill()
    for file in (breakable_broker.data / f"{topic}-0").iterdir():
        # The partition's own description stays, or the broker wouldn't know whose folder it is.
        if file.name != "partition.metadata":
            file.unlink()
    breakable_broker.start()
    deployment.kafka.produce(topic, deployment.orders(150, 100))
    deployment.kafka.produce(other, deployment.orders(10, 1000))
    process.thaw()

    until(lambda: process.lines("partition_halted"), "it to be noticed")
    (halted,) = process.lines("partition_halted")
    assert halted["reason"] == (
        "the topic was truncated before the committed offset 100, and written to again (it ends at 150)"
    )
    until(lambda: len(deployment.stored()) == 110, "the other topic to go on")
    assert process.stop() == 0
    assert deployment.kafka.committed(deployment.group, topic) == {0: 100}

"""Aborted transactions, the markers at the end of a partition, what compaction took: lag 0, and a run ends."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Producer

from tests.brokers.kafka import Kafka, Record


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


def test_aborted_transactions_and_markers_at_the_end(deployment: Any) -> None:
    (topic,) = deployment.topics(1)
    kafka = deployment.kafka
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka.name("tx")})
    producer.init_transactions(30)
    for number, kept in enumerate([True, False, True, False, False]):
        producer.begin_transaction()
        for each in deployment.orders(10, number * 10):
            producer.produce(topic, each)
        producer.flush(30)
        if kept:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    deployment.run_until_idle()
    assert set(deployment.stored()) == {f"upgrade_purchased:o{number}" for number in (*range(10), *range(20, 30))}
    assert kafka.committed(deployment.group, topic) == kafka.ends(topic) == {0: 55}
    assert kafka.lag(deployment.group, topic) == 0


def test_what_compaction_left(deployment: Any, until: Any) -> None:
    """A process dies on a compacted topic; meanwhile the broker takes away what later messages of a key replaced."""
    quickly = {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": "consumer"}
    often = {"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.001"}
    (topic,) = deployment.topics(1, config=often)
    kafka = deployment.kafka
    records = [Record(each, key=b"k%d" % (number % 40)) for number, each in enumerate(deployment.orders(400))]
    kafka.produce(topic, records[:200])
    deployment.sandbox.set_faults([{"kind": "delay", "seconds": 0.3, "rate": 0.5}])
    first = deployment.run(GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT="4", **quickly)
    until(lambda: deployment.sandbox.stats()["stored"] >= 50, "events under way")
    first.kill()
    kafka.produce(topic, records[200:])

    def left() -> int:
        # The segment that is written to is never compacted: another message closes it.
        kafka.produce(topic, [Record(b"{}", key=b"closes the segment")])
        return len(kafka.read(topic))

    until(lambda: left() < 300, "the broker to compact")
    deployment.sandbox.set_faults([])
    deployment.run_until_idle(**quickly)
    wanted = {f"upgrade_purchased:o{number}" for number in range(360, 400)}
    assert wanted <= set(deployment.stored()), "the latest of each key, which compaction leaves"
    assert kafka.committed(deployment.group, topic) == kafka.ends(topic)
    assert deployment.sandbox.stats()["conflicts"] == 0

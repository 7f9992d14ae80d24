"""Partitions that are added, and topics that come late (named or by pattern): from their first message."""

from __future__ import annotations

from typing import Any

import pytest

from tests.brokers.kafka import Kafka, Record

LATEST = {
    "GREENFLASH_KAFKA_KAFKA__START": "latest",
    "GREENFLASH_KAFKA_KAFKA__PROPERTIES__TOPIC_METADATA_REFRESH_INTERVAL_MS": "500",
}


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


def test_partitions_that_are_added(deployment: Any, until: Any, quickly: dict[str, str]) -> None:
    (topic,) = deployment.topics(1)
    kafka = deployment.kafka
    process = deployment.run(**LATEST, **quickly)
    until(lambda: kafka.committed(deployment.group, topic) == {0: 0}, "the start to be committed")
    kafka.add_partitions(topic, 3)
    for partition in range(3):
        orders = deployment.orders(10, partition * 10)
        kafka.produce(topic, [Record(each, partition=partition) for each in orders])
    until(lambda: deployment.sandbox.stats()["stored"] == 30, "all of them, from the first message")
    until(lambda: kafka.lag(deployment.group, topic) == 0, "everything to be committed")
    assert process.stop() == 0


@pytest.mark.parametrize("by", ["name", "pattern"])
def test_a_topic_that_comes_late(deployment: Any, until: Any, quickly: dict[str, str], by: str) -> None:
    (topic,) = deployment.topics(1)
    kafka = deployment.kafka
    late = kafka.name("late")
    rules = deployment.folder / "orders.yaml"
    named = late if by == "name" else f'"/{late[:-4]}.*/"'
    rules.write_text(rules.read_text().replace(f"topics: [{topic}]", f"topics: [{topic}, {named}]"))
    process = deployment.run(**LATEST, **quickly)
    until(lambda: kafka.committed(deployment.group, topic) == {0: 0}, "the start to be committed")
    kafka.create_topic(late, 2)
    kafka.produce(late, deployment.orders(30))
    until(lambda: deployment.sandbox.stats()["stored"] == 30, "all of them, from the first message")
    until(lambda: kafka.lag(deployment.group, late) == 0, "everything to be committed")
    assert process.stop() == 0
    assert ("topic_missing" in process.said()) == (by == "name")

"""A topic is deleted under its reader: one line that says so, whether it was named or matched a pattern."""

from __future__ import annotations

from typing import Any

import pytest

from tests.brokers.kafka import Kafka

QUICKLY = {"GREENFLASH_KAFKA_KAFKA__PROPERTIES__TOPIC_METADATA_REFRESH_INTERVAL_MS": "500"}


@pytest.fixture
def kafka(quick_groups: Kafka) -> Kafka:
    return quick_groups


@pytest.mark.parametrize("by", ["name", "pattern"])
def test_a_topic_that_is_deleted(deployment: Any, until: Any, quickly: dict[str, str], by: str) -> None:
    stays, goes = deployment.topics(1, 2)
    rules = deployment.folder / "orders.yaml"
    named = goes if by == "name" else f'"/{goes[:-4]}.*/"'
    rules.write_text(rules.read_text().replace(f"topics: [{stays}, {goes}]", f"topics: [{stays}, {named}]"))
    deployment.kafka.produce(stays, deployment.orders(5))
    deployment.kafka.produce(goes, deployment.orders(5, 5))
    process = deployment.run(**QUICKLY, **quickly)
    until(lambda: len(deployment.stored()) == 10, "both to be read")
    deployment.kafka.delete_topic(goes)
    said = "topic_missing" if by == "name" else "topic_deleted"
    until(lambda: process.lines(said, topic=goes), "it to be said")
    deployment.kafka.produce(stays, deployment.orders(5, 10))
    until(lambda: len(deployment.stored()) == 15, "the other one to be read on")
    gone = ("partitions_gone", "partitions_revoked")
    until(lambda: any(process.lines(each) for each in gone), "its partitions to go")
    # Of a partition that doesn't exist the client complains at each of its looks, every half second.
    commits = "greenflash_kafka_offset_commits_total"
    asked = process.metrics()[commits]
    for number in range(3):
        deployment.kafka.produce(stays, deployment.orders(5, 15 + 5 * number))
        until(
            lambda least=asked + number + 1: process.metrics()[commits] >= least,
            "a commit",
        )
    assert len(process.lines(said)) == 1
    assert process.lines("kafka_error") == []
    assert process.stop() == 0

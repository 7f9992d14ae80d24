"""Messages behind an open transaction can't be read: a run until idle says so instead of "all is done"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from tests.brokers.kafka import Kafka, Record


@pytest.fixture
def transaction(kafka: Kafka) -> Iterator[Producer]:
    """A producer with an open transaction, aborted at the latest when the test is over."""
    # Longer than a busy machine takes for all of this: the broker would abort the transaction by itself.
    patient = {"transaction.timeout.ms": "600000"}
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka.name("tx"), **patient})
    producer.init_transactions(30)
    producer.begin_transaction()
    yield producer
    producer.abort_transaction(30)


def test_a_transaction_that_stays_open_ends_it_with_1(deployment: Any, transaction: Producer) -> None:
    (topic,) = deployment.topics(2)
    orders = deployment.orders(30)
    deployment.kafka.produce(topic, [Record(each, partition=0) for each in orders[:5]])
    transaction.produce(topic, orders[5], partition=0)
    transaction.flush(30)
    deployment.kafka.produce(topic, [Record(each, partition=0) for each in orders[6:20]])
    deployment.kafka.produce(topic, [Record(each, partition=1) for each in orders[20:]])
    process = deployment.run("--until-idle", "1", "--json")
    assert process.wait() == 1
    summary = process.summary()
    assert summary["lag"] == 15
    (stuck,) = summary["blocked_by"]
    assert f"{topic}/0: 15 record(s) from offset 5 on wait behind an open transaction" in stuck
    assert f"abort --topic {topic} --partition 0 --start-offset 5" in process.said()
    assert len(deployment.stored()) == 15, "what can be read is delivered"
    assert deployment.kafka.committed(deployment.group, topic) == {0: 5, 1: 10}


def test_one_that_ends_in_time_is_waited_for(deployment: Any, kafka: Kafka) -> None:
    (topic,) = deployment.topics(1)
    # Longer than a busy machine takes for all of this: the broker would abort the transaction by itself.
    patient = {"transaction.timeout.ms": "600000"}
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka.name("tx"), **patient})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, deployment.orders(1)[0], partition=0)
    producer.flush(30)
    kafka.produce(topic, deployment.orders(9, first=1))
    process = deployment.run("--until-idle", "1", "--json")
    process.until("partitions_assigned")
    producer.commit_transaction(30)
    assert process.wait() == 0
    assert len(deployment.stored()) == 10
    assert process.summary()["lag"] == 0

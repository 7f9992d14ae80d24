"""`doctor` beside a process whose partitions stand still: it names each of them, with offsets and what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from confluent_kafka import Producer

from tests.brokers.kafka import Kafka, Record


def doctor(deployment: Any, **environ: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Its exit code, and what it says by the name of the check."""
    process = deployment.start("doctor", "--json", **environ)
    code = process.wait()
    assert process.process.stdout is not None
    return code, {each["name"]: each for each in json.loads(process.process.stdout.read())}


@pytest.fixture
def suffering(deployment: Any, kafka: Kafka) -> Any:
    """A topic of which retention took something, that ends before a committed offset, with an open transaction, and a
    partition that was never committed."""
    (topic,) = deployment.topics(4)
    for number in range(4):
        kafka.produce(topic, [Record(each, partition=number) for each in deployment.orders(20, number * 20)])
    kafka.commit(deployment.group, topic, {0: 5, 1: 500, 2: 0})
    kafka.delete_records(topic, {0: 15})
    # Longer than a busy machine takes for all of this: the broker would abort the transaction by itself.
    patient = {"transaction.timeout.ms": "600000"}
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": kafka.name("tx"), **patient})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, b"{}", partition=2)
    producer.flush(30)
    kafka.produce(topic, [Record(b"{}", partition=2)] * 3)
    yield deployment
    producer.abort_transaction(30)


def test_before_the_start(suffering: Any) -> None:
    topic = suffering.topic
    code, checks = doctor(suffering)
    assert code == 1
    assert {name for name, each in checks.items() if each["status"] == "failed"} == {
        f"partition {topic}/0",
        f"partition {topic}/1",
    }
    # 15, as every tool counts what is gone; all that there is; to the high watermark; from the beginning.
    lag = f"lag {15 + 20 + 24 + 20} messages, 20 of them in 1 partition without a committed offset"
    assert checks["group"]["said"].endswith(lag)
    code, checks = doctor(suffering, GREENFLASH_KAFKA_KAFKA__ON_MISSING_OFFSETS="continue")
    assert code == 0
    assert {each["status"] for name, each in checks.items() if name.startswith("partition ")} == {"warning"}


def test_beside_the_process(suffering: Any, until: Any) -> None:
    topic, kafka = suffering.topic, suffering.kafka
    process = suffering.run()
    until(lambda: len(suffering.stored()) == 40, "what can be read")
    until(lambda: kafka.committed(suffering.group, topic) == {0: 5, 1: 500, 2: 20, 3: 20}, "the commits")
    code, checks = doctor(suffering)
    assert code == 1
    gone, past = checks[f"partition {topic}/0"], checks[f"partition {topic}/1"]
    assert gone["status"] == past["status"] == "failed"
    assert "offsets 5 to 14 are gone" in gone["said"]
    assert f"--topic {topic}:0 --reset-offsets --to-offset 15" in gone["todo"]
    assert "the committed offset 500 is past the end, 20" in past["said"]
    transaction = checks[f"transaction {topic}/2"]
    assert transaction["status"] == "warning", "it is seconds old"
    assert (
        "4 record(s) from offset 20 on wait behind an open transaction; its first record is of 2" in transaction["said"]
    )
    assert f"--topic {topic} --partition 2 --start-offset 20" in transaction["todo"]
    assert checks["group"]["said"] == f"{suffering.group} is stable, 1 member, lag {15 + 20 + 4 + 0} messages"
    assert process.stop() == 0

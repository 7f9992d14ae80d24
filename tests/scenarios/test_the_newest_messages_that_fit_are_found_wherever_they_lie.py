"""`peek` on a real broker: the newest messages that fit, over all partitions, and how far was looked for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Kafka, Record

COUNT = 9_000
START_MS = 1_780_000_000_000

Command = Callable[..., tuple[int, Any]]


@pytest.fixture
def command(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Command:
    """`peek --json`: exit code, and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)

    def invoke(*arguments: str) -> tuple[int, Any]:
        capfd.readouterr()
        code = run(["peek", *arguments, "--json"])
        return code, json.loads(capfd.readouterr().out)

    return invoke


def test_the_newest_messages_that_fit_are_found_wherever_they_lie(kafka: Kafka, command: Command) -> None:
    topic = kafka.topic(3)
    # One partition is busy at the end, one fell silent long ago, one has a share of all.
    partitions = [0 if number >= COUNT // 2 else 2 if number % 3 else 1 for number in range(COUNT)]
    records = [
        Record(
            json.dumps({"id": number, "kind": "rare" if number % 1500 == 7 else "usual"}).encode(),
            partition=partition,
            timestamp_ms=START_MS + 1000 * number,
        )
        for number, partition in enumerate(partitions)
    ]
    kafka.produce(topic, records)
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": topic})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(topic, b'{"id": -1, "kind": "rare"}', partition=0)
    producer.flush()
    producer.abort_transaction()

    code, newest = command(topic, "--last", "5")
    assert code == 0
    assert [each["payload"]["id"] for each in newest["messages"]] == [COUNT - number for number in range(1, 6)]

    code, rare = command(topic, "--last", "4", "--where", "kind: rare")
    assert code == 0
    assert [each["payload"]["id"] for each in rare["messages"]] == [7507, 6007, 4507, 3007]

    code, last = command(topic, "--last", "1", "--where", "kind: rare")
    assert [each["payload"]["id"] for each in last["messages"]] == [7507]
    assert not last["complete"], "no older one can be the newest"
    assert last["looked_at"] < COUNT == last["of"] - 2, "the aborted record and its mark are offsets, no messages"
    assert last["back_to_ms"] <= START_MS + 1000 * 7507

    code, none = command(topic, "--where", "kind: none")
    assert code == 1
    assert (none["complete"], none["looked_at"], none["messages"]) == (True, COUNT, [])

    code, window = command(topic, "--where", "kind: rare", "--until", "2026-05-28T21:00:00Z")
    assert code == 0
    assert [each["payload"]["id"] for each in window["messages"]] == [1507, 7]

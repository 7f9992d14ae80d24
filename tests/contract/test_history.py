"""History on a real broker: exactly the committed records of the ranges, and nothing left behind."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from confluent_kafka import Producer

from greenflash_kafka.cli.main import group
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.window import Window, ask_ranges
from tests.brokers.kafka import Kafka, Record


def _client(kafka: Kafka) -> ClientSettings:
    return ClientSettings(kafka.bootstrap_servers, group="history-reader")


def _ranges(kafka: Kafka, window: Window, *topics: str) -> tuple[OffsetRange, ...]:
    cluster = AdminQueries(properties.admin(_client(kafka)))
    return ask_ranges(window, cluster, {each: len(kafka.partitions(each)) for each in topics})


def _read(kafka: Kafka, ranges: tuple[OffsetRange, ...]) -> tuple[list[Message], list[OffsetRange]]:
    history = KafkaHistory(properties.reader(_client(kafka)), ranges)
    found: list[Message] = []
    while not history.done:
        found += history.take(1000, 0.2)
    missing = list(history.missing)
    history.close()
    return sorted(found, key=lambda each: (each.topic, each.partition, each.offset)), missing


def test_aborted_records_and_open_transactions_are_not_read(kafka: Kafka) -> None:
    topic = kafka.topic(2)
    kafka.produce(topic, [Record(b"plain", partition=0), Record(b"other", partition=1)])
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": topic})
    producer.init_transactions()
    for value, commits in ((b"aborted", False), (b"committed", True)):
        producer.begin_transaction()
        producer.produce(topic, value, partition=0)
        producer.flush()
        (producer.commit_transaction if commits else producer.abort_transaction)()
    producer.begin_transaction()
    producer.produce(topic, b"open", partition=0)
    producer.flush()
    found, missing = _read(kafka, _ranges(kafka, Window(), topic))
    assert [each.value for each in found] == [b"plain", b"committed", b"other"]
    assert not missing
    producer.abort_transaction()


def test_what_retention_took_is_said(kafka: Kafka) -> None:
    topic = kafka.topic(1)
    kafka.produce(topic, [Record(b"%d" % number, partition=0) for number in range(20)])
    ranges = _ranges(kafka, Window(), topic)
    kafka.delete_records(topic, {0: 12})
    found, missing = _read(kafka, ranges)
    assert [each.offset for each in found] == list(range(12, 20))
    assert missing == [OffsetRange(topic, 0, 0, 12)]


def test_a_window_of_time(kafka: Kafka) -> None:
    topic = kafka.topic(1)
    kafka.produce(topic, [Record(b"x", partition=0, timestamp_ms=1_000_000 + number) for number in range(10)])
    window = Window(since_ms=1_000_003, until_ms=1_000_007)
    assert _ranges(kafka, window, topic) == (OffsetRange(topic, 0, 3, 7),)


def test_a_recording_holds_what_the_topic_held(kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = kafka.topic(3)
    kafka.produce(topic, [json.dumps({"id": number}).encode() for number in range(50)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    made = CliRunner().invoke(group, ["record", topic, "--out", "recorded.ndjson"])
    assert made.exit_code == 0, made.output
    assert "50 messages" in made.output
    lines = [json.loads(line) for line in (tmp_path / "recorded.ndjson").read_text().splitlines()]
    assert lines[0]["recording"] == 1
    assert sorted(json.loads(each["value"])["id"] for each in lines[1:-1]) == list(range(50))


def test_a_window_that_reaches_back_to_the_first_message_has_the_topic_whole(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic, now = kafka.topic(2), int(time.time() * 1000)
    records = [(0, now - 7_200_000), (0, now), (1, now - 1000)]
    kafka.produce(topic, [Record(b"{}", partition=number, timestamp_ms=at) for number, at in records])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    for since, whole in (("1d", [topic]), ("1h", [])):
        made = CliRunner().invoke(group, ["record", topic, "--since", since, "--out", f"{since}.ndjson"])
        assert made.exit_code == 0, made.output
        header = json.loads((tmp_path / f"{since}.ndjson").read_text().splitlines()[0])
        assert header["whole"] == whole

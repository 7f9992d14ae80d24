"""`discover` reads a topic of many partitions, joins no group, and writes rules that pass lint and test."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import pytest
from confluent_kafka.admin import AdminClient

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Kafka, Record

NAMES = ["order.paid", "order.placed", "order.refunded"]


def test_discover_proposes_rules_from_a_topic_that_nobody_knows(
    kafka: Kafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    topic = kafka.topic(3)
    chance = Random(3)
    began = int(time.time() * 1000) - 3_600_000
    records = []
    for number in range(4000):
        user = f"u-{chance.randrange(200)}"
        # What only the oldest messages have is found, too: half of the sample is spread.
        name = "user.signed_up" if number < 200 else chance.choice(NAMES)
        payload = {"id": f"e-{number}", "type": name, "customer": {"id": user}, "ts": began + number, "currency": "EUR"}
        if name.startswith("order"):
            payload["total"] = f"{chance.randrange(1, 90000) / 100:.2f}"
        records.append(
            Record(json.dumps(payload).encode(), user.encode(), partition=number % 3, timestamp_ms=began + number)
        )
    kafka.produce(topic, [*records, Record(b"not JSON", partition=0), Record(None, partition=1)])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers})
    groups = {each.group_id for each in admin.list_consumer_groups().result().valid or ()}

    command = ["discover", topic, "--last", "1000", "--out", "mappings/shop.yaml", "--json"]
    assert run(command) == 0
    found = json.loads(capfd.readouterr().out)["topics"][0]
    assert found["sampled"].endswith(" of 4,002 messages")
    assert 900 <= found["messages"] <= 1003
    assert set(found["event_names"]) == {*NAMES, "user.signed_up"}
    assert (found["unreadable"], found["tombstones"]) == ({"bad-payload": 1}, 1)
    text = (tmp_path / "mappings" / "shop.yaml").read_text()
    for line in (
        "value: = money_major(payload.total, payload.currency)",
        "external_user_id: = payload.customer.id",
        'event_at: = time(payload.ts, "ms")',
        "insert_id: = payload.id",
        "event_type: signup_completed",
    ):
        assert line in text
    assert run(["lint"]) == 0
    assert run(["test"]) == 0
    # Other tests have groups, too; none of those that are new reads this topic.
    others = {each.group_id for each in admin.list_consumer_groups().result().valid or ()} - groups
    assert not [group for group in others if kafka.committed(group, topic)]

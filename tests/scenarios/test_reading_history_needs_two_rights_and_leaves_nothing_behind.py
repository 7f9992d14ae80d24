"""`record`, `diff`, `peek`, `coverage` and `explain` need Read and Describe on the topic, and no group appears."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from confluent_kafka.admin import AdminClient, ResourceType

from tests.brokers.secured import SecuredBroker
from tests.scenarios.secured import SCRAM, Way

COMMANDS = [
    ["record", "TOPIC", "--out", "all.ndjson"],
    ["diff", "old.yaml", "orders.yaml", "--json"],
    ["peek", "TOPIC", "--last", "3", "--json"],
    ["coverage", "orders.yaml", "--json"],
    ["explain", "TOPIC/0/0"],
]


def test_reading_history_needs_two_rights_and_leaves_nothing_behind(
    secured: Any, secured_broker: SecuredBroker, tmp_path: Path
) -> None:
    (topic,) = secured.topics(1)
    secured.kafka.produce(topic, secured.orders(20))
    rules = (tmp_path / "orders.yaml").read_text()
    (tmp_path / "old.yaml").write_text(rules.replace("influence: positive", "influence: neutral"))
    way = Way(secured_broker, SCRAM, tmp_path)
    secured_broker.describe(way.user, ResourceType.TOPIC, topic)

    def run(command: list[str]) -> Any:
        given = [each.replace("TOPIC", topic) for each in command]
        process = secured.start(*given, **{**way.environ(), "GREENFLASH_KAFKA_MAPPINGS": "orders.yaml"})
        process.wait()
        return process

    refused = run(COMMANDS[0])
    assert refused.process.returncode == 1
    assert f"--allow-principal User:{way.user} --operation Read --topic {topic}" in refused.said()
    (tmp_path / "all.ndjson").unlink(missing_ok=True)
    secured_broker.allow(way.user, read=[topic])
    processes = [run(command) for command in COMMANDS]
    assert [each.process.returncode for each in processes] == [0] * len(COMMANDS), [each.said() for each in processes]
    said = [each.process.stdout.read() for each in processes]
    assert "20 messages" in said[0]
    assert json.loads(said[1])["event_types"]["upgrade_purchased"]["changed"] == 20
    groups = AdminClient(secured.kafka._settings).list_consumer_groups().result().valid
    assert not [each.group_id for each in groups if each.group_id == secured.group]

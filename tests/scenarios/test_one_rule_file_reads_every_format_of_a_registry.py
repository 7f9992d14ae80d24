"""Confluent's serializers write Avro, Protobuf and JSON with a schema for a real registry. Some schemas refer to
others, some messages have two versions in turn. One rule file makes the same events of all, and of plain JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.brokers.kafka import Record
from tests.formats import written
from tests.formats.subscriptions import RULES, facts
from tests.formats.written import Write
from tests.registries.apicurio import Apicurio


def test_one_rule_file_reads_every_format_of_a_registry(deployment: Any, apicurio: Apicurio) -> None:
    client = written.client_of(apicurio.url)
    makers: dict[str, Callable[..., Write]] = {
        "avro": written.avro,
        "avro-referring": written.avro_referring,
        "avro-evolving": written.avro_evolving,
        "protobuf": written.protobuf,
        "protobuf-importing": written.protobuf_importing,
        "json-schema": written.json_schema,
    }
    topics = {name: deployment.kafka.topic(1, f"subscriptions-{name}") for name in ("json", *makers)}
    ways: dict[str, Write] = {"json": written.as_json} | {
        name: make(client, topics[name]) for name, make in makers.items()
    }
    # Each topic's events have ids of their own; all else must be the same.
    rules = RULES.replace("join([payload.id", "join([kafka.topic, payload.id")
    (deployment.folder / "orders.yaml").write_text(rules.format(source=f"topics: [{', '.join(topics.values())}]"))
    for name, write in ways.items():
        bodies = [write(fact) for fact in facts()]
        deployment.kafka.produce(topics[name], [Record(value, headers=headers) for value, headers in bodies])

    summary = deployment.run_until_idle(GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL=apicurio.url)

    assert summary["dead_lettered"] == 0
    stored = {insert_id.partition(":")[2]: event for insert_id, event in deployment.stored().items()}
    found = {name: _of(topic, stored) for name, topic in topics.items()}
    assert len(found["json"]) == len(facts())
    assert {name: events == found["json"] for name, events in found.items()} == dict.fromkeys(topics, True)


def _of(topic: str, stored: dict[str, dict[str, Any]]) -> dict[str, object]:
    """A topic's events by what is left of their ids, without what the service has added."""
    mine = {name.removeprefix(f"{topic}-"): event for name, event in stored.items() if name.startswith(f"{topic}-")}
    return {name: {**event, "insertId": "", "eventId": "", "receivedAt": ""} for name, event in mine.items()}

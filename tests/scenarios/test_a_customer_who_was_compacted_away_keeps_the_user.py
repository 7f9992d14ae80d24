"""A redelivered order keeps its customer's user though the table's topic was compacted meanwhile, whatever the format;
who is deleted has none, and who is new in a topic with transactions has none in every run."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import fastavro
import pytest
from confluent_kafka import Producer

from greenflash_kafka.cli.main import run
from greenflash_kafka.sandbox.in_thread import running_sandbox
from tests.brokers.kafka import Record
from tests.registries.scripted import ScriptedRegistry
from tests.scenarios.conftest import KEY
from tests.scenarios.linked import now

SCHEMA = {
    "type": "record",
    "name": "Customer",
    "fields": [{"name": "id", "type": "string"}, {"name": "user_id", "type": "string"}],
}
SOURCES = {"avro": "{format: avro}", "debezium": "{envelope: debezium}", "new": "{format: json}"}
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "100",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "0",
}
RULE = """\
  - name: {name}
    when: {{type: {name}}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      external_user_id: = tables.{name}[payload.customer].user_id
      insert_id: = payload.id
"""


def body(table: str, customer: str, user: str | None) -> bytes:
    """A row as the table's topic has it."""
    row = {"id": customer, "user_id": user}
    if table == "avro":
        written = io.BytesIO()
        written.write(b"\x00" + (7).to_bytes(4, "big"))
        fastavro.schemaless_writer(written, SCHEMA, row)
        return written.getvalue()
    if table == "debezium":
        return json.dumps({"op": "u", "before": None, "after": row}).encode()
    return json.dumps(row).encode()


def test_a_customer_who_was_compacted_away_keeps_the_user(
    deployment: Any, until: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    kafka, registry, paid = deployment.kafka, ScriptedRegistry(), now() - 600_000
    registry.add(7, json.dumps(SCHEMA))
    (orders,) = deployment.topics(1)
    topics = {name: kafka.topic(1, name, {} if name == "new" else COMPACTED) for name in SOURCES}
    tables = [
        f"  {name}: {{topic: {topic}, source: {SOURCES[name]}, key: id, fields: [user_id], max_delay: 10s}}\n"
        for name, topic in topics.items()
    ]
    rules = "".join(RULE.format(name=name) for name in SOURCES)
    text = f"version: 1\nsource: {{topics: [{orders}]}}\ntables:\n{''.join(tables)}rules:\n{rules}"
    (deployment.folder / "orders.yaml").write_text(text)
    environ = {
        "GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL": registry.url,
        "GREENFLASH_KAFKA_LINKING__DIRECTORY": str(deployment.folder / "rows"),
    }

    def tell(table: str, at: int, customer: str, user: str | None) -> None:
        value = None if user is None else body(table, customer, user)
        kafka.produce(topics[table], [Record(value, key=customer.encode(), timestamp_ms=paid + at)])

    for table in ("avro", "debezium"):
        tell(table, -60_000, "kept", "ann")
        tell(table, -60_000, "gone", "bob")
        tell(table, -30_000, "gone", None)
        tell(table, 60_000, "kept", "anna")
    writer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "transactional.id": topics["new"]})
    writer.init_transactions()
    for at in (-60_000, 60_000):
        writer.begin_transaction()
        customer = "kept" if at < 0 else "new"
        writer.produce(topics["new"], body("new", customer, "cid"), customer, 0, timestamp=paid + at)
        writer.commit_transaction()
    asked = [(table, each) for table in SOURCES for each in ("kept", "gone", "new")]
    for table, customer in asked:
        order = {"type": table, "id": f"{table}-{customer}", "cents": 1, "currency": "EUR", "customer": customer}
        kafka.produce(orders, [Record(json.dumps(order).encode(), timestamp_ms=paid)])

    def users() -> dict[str, str | None]:
        stored = deployment.stored().items()
        return {each.rpartition(":")[2]: event.get("externalUserId") for each, event in stored}

    expected = {f"{table}-{customer}": None for table, customer in asked} | {"new-kept": "cid"}
    deployment.run_until_idle(**environ)
    assert users() == expected | {"avro-kept": "ann", "debezium-kept": "ann"}
    # Studies know transactions from compaction as the run did, those of a recording, too.
    for name, value in {**deployment.environ(), **environ}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GREENFLASH_KAFKA_MAPPINGS", str(deployment.folder / "orders.yaml"))
    whole = [part for topic in topics.values() for part in ("--whole", topic)]
    file = str(deployment.folder / "all.ndjson")
    assert run(("record", orders, *whole, "--out", file)) == 0
    for number, (table, customer) in enumerate(asked):
        for source in ([], ["--from", file]) if table == "new" else ([],):
            capfd.readouterr()
            assert run(("explain", f"{orders}/0/{number}", "--json", *source)) == 0
            (event,) = json.loads(capfd.readouterr().out)["events"]
            assert event.get("externalUserId") == users()[f"{table}-{customer}"], (table, customer, source)

    def compacted() -> bool:
        for table in ("avro", "debezium"):
            tell(table, 120_000, "other", "eve")
        return not any(
            each.key == b"kept" and b"anna" not in (each.value or b"")
            for table in ("avro", "debezium")
            for each in kafka.read(topics[table])
        )

    until(compacted, "the first versions to be compacted away")
    with running_sandbox(api_key=KEY) as other:
        deployment.sandbox, deployment.group = other, kafka.group()
        environ["GREENFLASH_KAFKA_LINKING__DIRECTORY"] = str(deployment.folder / "others")
        deployment.run_until_idle(**environ)
        assert users() == expected | {"avro-kept": "anna", "debezium-kept": "anna"}
    registry.close()

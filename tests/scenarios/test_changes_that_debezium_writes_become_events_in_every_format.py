"""Debezium's own engine over a PostgreSQL writes JSON, JSON with schemas and Avro with a real registry: one rule file
makes the same events of all three, while rows change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.brokers.kafka import Record
from tests.debezium import engine
from tests.debezium.engine import Engines
from tests.debezium.engine import Record as Written
from tests.debezium.postgres import Postgres
from tests.registries.apicurio import Apicurio

RULES = """\
version: 1
source: {{topics: [{topics}], envelope: debezium}}
let:
  amount: = decode_decimal(payload.amount, 2)
rules:
  - name: upgraded
    when: {{plan: {{from: starter, to: scale}}}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_major(amount, payload.currency)
      external_user_id: = payload.customer
      event_at: = time(envelope.source.ts_us, "us")
      insert_id: = join([kafka.topic, "subscription", payload.id, envelope.source.lsn], "-")
  - name: refunded
    # Of this table Debezium tells no row before an update: its replica identity is the default.
    when: {{status: refunded, envelope.op: u}}
    event:
      event_type: refund_issued
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: negative
      value: = money_major(decode_decimal(payload.total, 2), "EUR")
      event_at: = time(envelope.source.ts_us, "us")
      insert_id: = join([kafka.topic, "invoice", payload.id, envelope.source.lsn], "-")
"""

DIFFERENT = ("insertId", "eventId", "receivedAt")
"""Fields of a stored event that its topic or the service has made."""

WAYS = ("json", "json-with-schema", "avro")


@pytest.fixture
def engines(apicurio: Apicurio) -> Iterator[Engines]:
    database = Postgres()
    converters = {"json": engine.JSON, "json-with-schema": engine.JSON_WITH_SCHEMA, "avro": engine.avro(apicurio.root)}
    tables = "billing.subscriptions,billing.invoices,billing.marks"
    running = Engines(database, {"live": engine.properties(converters, table__include__list=tables)})
    try:
        yield running
    finally:
        running.stop()
        database.stop()


def test_changes_that_debezium_writes_become_events_in_every_format(
    deployment: Any, engines: Engines, apicurio: Apicurio, until: Callable[..., None]
) -> None:
    topics = {way: deployment.kafka.topic(1, f"changes-{way}") for way in WAYS}
    (deployment.folder / "orders.yaml").write_text(RULES.format(topics=", ".join(topics.values())))
    engines.sql(engine.TABLES)
    engines.start()
    process = deployment.run(GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL=apicurio.url)
    engines.until(lambda records: _ended(records, "invoices"))
    snapshot = len(engines.records)
    _produce(deployment, topics, engines.records[:snapshot])
    engines.sql(engine.CHANGES)
    engines.sql(engine.LATER)
    engines.sql(engine.MARK)
    engines.until(lambda records: _ended(records, "marks"))
    _produce(deployment, topics, engines.records[snapshot:])
    read = {topic: deployment.kafka.ends(topic) for topic in topics.values()}
    until(lambda: all(deployment.kafka.committed(deployment.group, each) == read[each] for each in read), "commits")
    assert process.stop() == 0, process.said()[-4000:]

    events = defaultdict(list)
    for event in deployment.stored().values():
        (way,) = (way for way, topic in topics.items() if f":{topic}-" in event["insertId"])
        events[way].append({name: each for name, each in event.items() if name not in DIFFERENT})
    found = {way: sorted(each, key=lambda event: str(event["value"])) for way, each in events.items()}
    assert [event["value"] for event in found["avro"]] == ["-0.05", "299.00", "77.70"]
    assert found["json"] == found["json-with-schema"] == found["avro"]
    assert deployment.kafka.read(deployment.dead_letters) == []
    subject = "live.billing.subscriptions-value"
    assert len(apicurio.ask(f"/subjects/{subject}/versions")) == 2  # a column was added in mid-stream


def _ended(records: list[Written], table: str) -> bool:
    """Whether this table's rows, the last that are written, have come in every format."""
    return {each.converter for each in records if each.topic.endswith(table)} == set(WAYS)


def _produce(deployment: Any, topics: dict[str, str], written: list[Written]) -> None:
    for way, topic in topics.items():
        ours = [each for each in written if each.converter == way]
        deployment.kafka.produce(topic, [Record(each.value, each.key, each.headers) for each in ours])

"""docs/formats.md, to the letter: its example makes an event of Avro, and its `source`s are read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from greenflash_kafka.config.load import load_config
from greenflash_kafka.decoding.avro_writer import encode
from greenflash_kafka.decoding.body_writer import framed
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.schemas import KnownSchemas

PAGE = (Path(__file__).parents[3] / "docs" / "formats.md").read_text(encoding="utf-8")
EXAMPLES = [re.sub(r"^   ", "", text, flags=re.MULTILINE) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "SCHEMA_REGISTRY_USER_INFO": "u:p"}
SCHEMA = Schema(
    "avro",
    json.dumps(
        {
            "type": "record",
            "name": "com.acme.OrderPaid",
            "fields": [
                *({"name": name, "type": "string"} for name in ("status", "customer_id", "currency")),
                {"name": "total", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
                {"name": "paid_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            ],
        }
    ),
)
PAID: dict[str, object] = {"status": "paid", "customer_id": "u-1", "currency": "EUR", "total": Decimal("12.50")}


def beginning(start: str) -> list[str]:
    found = [text for text in EXAMPLES if text.lstrip().startswith(start)]
    assert found
    return found


def ruleset(folder: Path, text: str) -> Ruleset:
    (folder / "orders.yaml").write_text(text)
    loaded = load([folder], ENV)
    assert loaded.ruleset is not None, loaded.findings
    return loaded.ruleset


def test_the_worked_example_makes_an_event_of_avro(tmp_path: Path) -> None:
    (text,) = beginning("version: 1")
    moment = datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC)
    value = framed(SCHEMA, 7, encode(SCHEMA, {**PAID, "paid_at": moment}))
    snapshot = Snapshot(ruleset(tmp_path, text), schemas=KnownSchemas({7: SCHEMA}))
    outcome = evaluate(Message("billing.orders", 0, 0, 1_795_000_001_000, value=value), snapshot)
    assert isinstance(outcome, Outcome)
    (event,) = outcome.events
    assert event.fields["value"] == "12.50"
    assert event.fields["event_at"] == moment


def test_the_worked_example_names_a_registry(tmp_path: Path) -> None:
    (text,) = beginning("schema_registry:")
    (tmp_path / "config.yaml").write_text(text)
    environ = {**ENV, "GREENFLASH_API_KEY": "k", "KAFKA_BOOTSTRAP_SERVERS": "b:9092"}
    config = load_config(tmp_path / "config.yaml", environ | {"GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": "dead"})
    assert config.schema_registry.url is not None


@pytest.mark.parametrize("source", beginning("source:"))
def test_bare_bytes_are_read_as_the_page_says(tmp_path: Path, source: str) -> None:
    (rules,) = beginning("version: 1")
    (tmp_path / "orders.avsc").write_text(SCHEMA.text)
    (tmp_path / "orders.proto").write_text('syntax = "proto3"; package acme; message OrderEvent { string id = 1; }')
    found = ruleset(tmp_path, "version: 1\n" + source + rules[rules.index("rules:") :])
    assert found.format_of("billing.orders").schema is not None


def test_types_are_told_apart_by_the_schemas_name(tmp_path: Path) -> None:
    (rules,), (when,) = beginning("version: 1"), beginning("when:")
    indented = re.sub(r"^", "    ", when.replace("com.acme.billing", "com.acme"), flags=re.MULTILINE).rstrip()
    text = rules.replace("    when:\n      status: paid", indented)
    schemas = KnownSchemas({7: SCHEMA, 8: Schema("avro", SCHEMA.text.replace("OrderPaid", "Other"))})
    snapshot = Snapshot(ruleset(tmp_path, text), schemas=schemas)
    body = encode(SCHEMA, {**PAID, "paid_at": datetime(2026, 11, 18, tzinfo=UTC)})
    found = []
    for key in (7, 8):
        message = Message("billing.orders", 0, 0, 1_795_000_001_000, value=framed(SCHEMA, key, body))
        outcome = evaluate(message, snapshot)
        assert isinstance(outcome, Outcome)
        found.append(len(outcome.events))
    assert found == [1, 0]
    assert snapshot.ruleset.rules_for("billing.orders").find({}, Message("billing.orders", 0, 0)) == ()  # type: ignore[union-attr]

"""The preset of Salesforce on a change event in Avro, as the Pub/Sub API and Kafka connectors write it, and in JSON."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import fastavro

from greenflash_kafka.cli.preset_folder import shipped_presets
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.schemas import KnownSchemas

TOPIC = "salesforce.OpportunityChangeEvent"
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
KINDS = ("CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE")
NUMBERS = {"commitTimestamp": "long", "commitNumber": "long", "sequenceNumber": "int"}
NULLABLE = {"Probability": "double", "Amount": "double", "IsClosed": "boolean", "IsWon": "boolean"}


def schema_of(change: dict[str, Any]) -> dict[str, Any]:
    """The Avro schema of a change event: its header, and the fields of the record, each of which may be null."""
    lists = {name for name, value in change["ChangeEventHeader"].items() if isinstance(value, list)}
    header = [
        {"name": name, "type": {"type": "array", "items": "string"} if name in lists else NUMBERS.get(name, "string")}
        for name in change["ChangeEventHeader"]
        if name != "changeType"
    ]
    header.append({"name": "changeType", "type": {"type": "enum", "name": "ChangeType", "symbols": list(KINDS)}})
    fields = [
        {"name": name, "type": ["null", "long" if name.endswith("Date") else NULLABLE.get(name, "string")]}
        for name in change
        if name != "ChangeEventHeader"
    ]
    of_header = {"name": "ChangeEventHeader", "type": {"type": "record", "name": "ChangeEventHeader", "fields": header}}
    return {"type": "record", "name": "com.sforce.eventbus.OpportunityChangeEvent", "fields": [of_header, *fields]}


def test_avro_gives_the_events_of_json() -> None:
    preset = shipped_presets()["salesforce-cdc"]
    text = (preset.folder / "samples/salesforce-cdc/opportunity.json").read_text(encoding="utf-8")
    change = json.loads(text)
    schema, body = schema_of(change), io.BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(schema), change)
    loaded = load([Path(preset.mapping)], ENV, whole=False)
    assert loaded.ruleset is not None, loaded.findings
    snapshot = Snapshot(loaded.ruleset, schemas=KnownSchemas({7: Schema("avro", json.dumps(schema))}))

    def events(value: bytes) -> list[bytes]:
        outcome = evaluate(Message(TOPIC, 0, 0, 1795000001000, None, value), snapshot)
        assert isinstance(outcome, Outcome)
        return [event.body for event in outcome.events]

    found = events(b"\x00\x00\x00\x00\x07" + body.getvalue())
    assert [json.loads(each)["eventType"] for each in found] == ["deal_won"]
    assert found == events(text.encode())

"""Presets of Debezium on what its engine wrote: the same events from JSON, with and without schemas, and from Avro."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.preset_folder import shipped_presets
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot
from tests.debezium.recorded import recorded, schemas
from tests.fakes.schemas import KnownSchemas

PRODUCT = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
WITHOUT_SCHEMAS = (("number(", "decode_decimal("), (".amount)", ".amount, 2)"))
"""The edit of the lines marked `yours` for JSON whose numbers are Base64."""


def made(name: str, topic: str, records: str, folder: Path, *edits: tuple[str, str]) -> list[tuple[str, ...]]:
    """What a preset makes of recorded messages: each event's rule, amount and id, and each problem's code."""
    text = shipped_presets()[name].mapping.read_text(encoding="utf-8")
    (default,) = [line for line in text.splitlines() if line.startswith("  topics: ")]
    text = text.replace(default, f"  topics: [{topic}]")
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    (folder / "rules.yaml").write_text(text, encoding="utf-8")
    loaded = load([folder / "rules.yaml"], PRODUCT)
    assert loaded.ruleset is not None, loaded.findings
    snapshot = Snapshot(loaded.ruleset, schemas=KnownSchemas(schemas()))
    found: list[tuple[str, ...]] = []
    for offset, each in enumerate(recorded(records)):
        if each.topic == topic:
            message = Message(topic, 0, offset, 1796117400000, each.key, each.value, headers=each.headers)
            outcome = evaluate(message, snapshot)
            assert isinstance(outcome, Outcome)
            for event in outcome.events:
                sent = json.loads(event.body)
                found.append((event.rule, sent["value"], sent["insertId"].partition(":")[2].partition("-")[0]))
            found.extend((problem.rule or "", problem.code) for problem in outcome.problems)
    return found


@pytest.mark.parametrize(
    ("records", "edits"),
    [
        ("string-json", ()),
        ("string-json-with-schema", ()),
        ("string-avro", ()),
        ("double-json", ()),
        ("double-json-with-schema", ()),
        ("double-avro", ()),
        ("precise-json", WITHOUT_SCHEMAS),
        ("precise-json-with-schema", ()),
        ("precise-avro", ()),
    ],
)
def test_a_tables_rows_give_the_same_events_in_all_modes(
    records: str, edits: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    topic = f"{records.split('-')[0]}.billing.subscriptions"
    found = made("debezium-row", topic, records, tmp_path, *edits)
    assert [each for each in found if len(each) == 3] == [
        ("debezium_row_more", "299.00", "1"),
        ("debezium_row_more", "300.10", "1"),
    ]


def test_flattened_rows(tmp_path: Path) -> None:
    found = made("debezium-flat", "flat.billing.subscriptions", "flat-json", tmp_path, *WITHOUT_SCHEMAS)
    # It was never active: without the row before, its first change says no more than that.
    assert found == [("debezium_flat_ended", "no_reason_given", "2")]


def test_events_of_an_outbox_as_text_and_expanded(tmp_path: Path) -> None:
    topic = "outbox.event.subscription"
    upgrade = [("debezium_outbox_upgraded", "299.00", "5a1f2b0e")]
    assert made("debezium-outbox", topic, "outbox-json", tmp_path) == upgrade
    expanded = ("told: = parse_json(payload)", "told: = payload")
    assert made("debezium-outbox", topic, "outbox-expanded-json", tmp_path, expanded) == upgrade

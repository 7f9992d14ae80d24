"""The rules engine, held against a generator that knows nothing of it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from greenflash_kafka.demo.traffic import expected, traffic
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot

MAPPINGS = Path(__file__).parents[2] / "mappings"
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
COUNT = 5_000


@pytest.mark.parametrize("repeats", [0.0, 0.05])
def test_every_message_and_every_amount(repeats: float) -> None:
    ruleset = load([MAPPINGS], ENV).ruleset
    assert ruleset is not None
    statuses: Counter[str] = Counter()
    values: dict[str, str] = {}
    sent = 0
    for offset, made in enumerate(traffic(11, COUNT, repeats=repeats)):
        message = Message(made.topic, 0, offset, made.timestamp_ms, made.key, made.value, made.headers)
        outcome = resolve(message, Snapshot(ruleset))
        statuses[outcome.status] += 1
        for event in outcome.events:
            sent += 1
            text = str(event.fields["value"])
            assert values.setdefault(event.insert_id, text) == text
    meant = expected(COUNT, 11, repeats=repeats)
    assert statuses == {"mapped": meant.mapped, "filtered": meant.filtered, "invalid": meant.dead_lettered}
    assert values == meant.values
    assert (sent, len(values)) == (meant.accepted, meant.stored)

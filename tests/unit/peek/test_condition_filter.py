"""Conditions of --where are the language's own, and findings name their places."""

from __future__ import annotations

import pytest

from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.peek.condition_filter import ConditionsInvalid, condition_rules
from greenflash_kafka.snapshot import Snapshot

PAID = b'{"type": "order.paid", "total": 101.5, "lines": [{"sku": "a"}]}'


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("type: order.paid", True),
        ("{total: {above: 100}}", True),
        ("type: order.paid\ntotal: {above: 200}", False),
        ("any:\n  - type: order.sent\n  - total: {below: 200}", True),
        ("lines: {any: {sku: a}}", True),
        ("kafka.key: k1", True),
        ("kafka.key: k2", False),
    ],
)
def test_conditions_as_under_when(text: str, holds: bool) -> None:
    found = evaluate(Message("a.b-c", 0, 0, 1, b"k1", PAID), Snapshot(condition_rules(text, "a.b-c", PLAIN)))
    assert isinstance(found, Outcome)
    assert bool(found.events) is holds


def test_paths_below_an_envelope() -> None:
    value = b'{"op": "u", "before": {"state": "new"}, "after": {"state": "paid"}, "source": {}}'
    rules = condition_rules("state: {from: new, to: paid}", "t", TopicFormat(envelope="debezium"))
    found = evaluate(Message("t", 0, 0, 1, None, value), Snapshot(rules))
    assert isinstance(found, Outcome)
    assert found.events


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("type: x\ntotal: {abov: 1}", "--where:2:9"),
        ("paid", "--where:1:1"),
        ("", "--where:"),
        ("a: [", "--where:"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, where: str) -> None:
    with pytest.raises(ConditionsInvalid) as refused:
        condition_rules(text, "t", PLAIN)
    assert refused.value.findings[0].where.startswith(where)

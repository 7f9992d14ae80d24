"""Rules, decoders and context as one value."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot

RULES = """\
version: 1
source: {topics: [orders, '/shop[.].*/']}
rules:
  - name: paid
    when: {v: {exists: true}}
    event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: positive, value: = payload.v}
"""


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    (tmp_path / "a.yaml").write_text(RULES)
    loaded = load([tmp_path / "a.yaml"], {})
    assert loaded.ruleset is not None
    return Snapshot(loaded.ruleset, EvaluationContext("cluster", {"orders": "one"}))


def insert_id(snapshot: Snapshot) -> str:
    (event,) = resolve(Message("orders", 0, 7, 5, value=b'{"v": "x"}'), snapshot).events
    return event.insert_id


def test_a_topic_has_the_rules_that_read_it_and_others_have_none(snapshot: Snapshot) -> None:
    assert snapshot.by_topic["orders"] is not None
    assert snapshot.by_topic["shop.eu"] is not None
    assert snapshot.by_topic["other"] is None
    assert snapshot.by_topic["orders"] is snapshot.by_topic["orders"], "a topic is looked up once"


def test_any_number_of_topics_costs_a_bounded_memory(snapshot: Snapshot) -> None:
    for number in range(12_000):
        assert snapshot.by_topic[f"other{number}"] is None
    assert len(snapshot.by_topic) <= 10_000
    assert snapshot.by_topic["shop.late"] is not None, "what isn't remembered is looked up"


def test_another_context_gives_other_ids_by_the_same_rules_and_leaves_the_first_alone(snapshot: Snapshot) -> None:
    before = insert_id(snapshot)
    other = snapshot.with_context(EvaluationContext("cluster", {"orders": "two"}))
    assert insert_id(other) != before
    assert insert_id(snapshot) == before
    assert other.ruleset is snapshot.ruleset
    assert other.by_topic["orders"] is snapshot.by_topic["orders"], "nothing is compiled anew"

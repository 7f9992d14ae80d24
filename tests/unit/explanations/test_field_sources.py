"""Sources of fields: what `explain` says of each field is what `evaluate` sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greenflash_kafka.demo.traffic import endless_with_meaning, with_chats
from greenflash_kafka.explanations.explained_rule import FieldSource
from greenflash_kafka.explanations.full_explanation import explain_fully
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve, resolve_activities
from greenflash_kafka.snapshot import Snapshot
from tests.formats.flat_fields import flat_fields

ROOT = Path(__file__).parents[3]
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}

RULES = """\
version: 1
source: {topics: [t]}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  properties: {channel: web}
rules:
  - name: paid
    when: {payload.type: paid}
    each: payload.lines
    let:
      price: = item.cents
    event:
      event_type: upgrade_purchased
      value: = money_minor(price * item.count, "EUR")
      influence: '= "positive" if price > 100 else "neutral"'
      properties:
        skus: = [x.sku for x in payload.lines]
        whole: {sku: = item.sku, note: fixed}
"""
PAID = {"type": "paid", "lines": [{"cents": 250, "count": 2, "sku": "a"}, {"cents": 50, "count": 1, "sku": "b"}]}


@pytest.fixture
def snapshot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    monkeypatch.chdir(tmp_path)
    Path("shop.yaml").write_text(RULES)
    ruleset = load([Path("shop.yaml")], {}).ruleset
    assert ruleset is not None
    return Snapshot(ruleset)


def _sources(snapshot: Snapshot, item: int) -> dict[str, FieldSource]:
    found = explain_fully(Message("t", 0, 3, 1000, None, json.dumps(PAID).encode()), snapshot, sources=True)
    return {each.name: each for each in found[item].sources}


def test_expression_place_layer_and_values(snapshot: Snapshot) -> None:
    found = _sources(snapshot, 0)
    value = found["value"]
    assert (value.value, value.layer, value.where) == ("5.00", "rule", "shop.yaml:14:14")
    assert value.written == '= money_minor(price * item.count, "EUR")'
    assert [(each.name, each.found) for each in value.parts] == [
        ("price * item.count", "500"),
        ("price", "250"),
        ("item.count", "2"),
        ("price", "250"),
    ]
    assert (value.parts[-1].written, value.parts[-1].where) == ("= item.cents", "shop.yaml:11:14")
    assert (found["product_id"].layer, found["product_id"].where) == ("file", "shop.yaml:4:15")
    assert found["properties.channel"].value == "web"
    assert [each.found for each in found["properties.whole"].parts] == ['"a"']
    assert found["properties.skus"].value == ["a", "b"]


def test_fields_that_no_line_gives(snapshot: Snapshot) -> None:
    found = _sources(snapshot, 1)
    assert found["value_type"].how == "follows from the value"
    assert found["event_at"].how.startswith("the record's timestamp")
    assert found["insert_id"].how.startswith("the record's coordinates")
    assert found["influence"].value == "neutral"


def _traffic(count: int) -> Iterator[Message]:
    made = with_chats(islice(endless_with_meaning(5), count))
    for offset, (each, _) in enumerate(made):
        yield Message(each.topic, 0, offset, each.timestamp_ms, each.key, each.value, each.headers)


def test_explain_agrees_with_evaluate_for_every_field_of_the_demos_traffic() -> None:
    ruleset = load([ROOT / "mappings"], ENV).ruleset
    assert ruleset is not None
    messages = list(_traffic(300))
    plain = Snapshot(ruleset)
    told = [
        (activity, message.timestamp_ms)
        for message in messages
        for activity in resolve_activities(message, plain).found
    ]
    given = GivenConversations(ruleset.sources, told)
    snapshot = Snapshot(ruleset, EvaluationContext("cluster", {}, b"key", conversations=given))
    fields = linked = 0
    for message in messages:
        events = resolve(message, snapshot).events
        # Explanations of what gives no event are another test's.
        full = explain_fully(message, snapshot, sources=True) if events else []
        explained = {(each.explanation.rule, each.explanation.item): each for each in full}
        for event in events:
            sources = explained[event.rule, event.item].sources
            said = {each.name: each.value for each in sources}
            sent = flat_fields(event.body)
            assert said == sent, message.coordinates
            fields += len(sent)
            linked += any("conversation" in each for each in sent)
            for source in sources:
                _stands_there(source)
        assert sum(bool(each.sources) for each in explained.values()) >= len(events)
    given.close()
    assert fields > 700
    assert linked > 5


def _stands_there(source: FieldSource) -> None:
    """What is written is at its place."""
    if source.how:
        assert not source.where
        return
    line = Path(source.file).read_text().splitlines()[source.line - 1]
    assert line[source.column - 1 :].startswith(source.written.split()[0])


def test_they_can_be_written_as_json(snapshot: Snapshot) -> None:
    written: Any = json.loads(msgspec.json.encode(list(_sources(snapshot, 0).values())))
    assert {"name", "value", "written", "layer", "parts", "file", "line", "column"} >= written[0].keys()

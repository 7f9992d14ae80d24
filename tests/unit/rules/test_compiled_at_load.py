"""Rules are compiled when they are loaded, and never later; tracebacks in their code name lines of the mapping file."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from unittest.mock import patch

import pytest

from greenflash_kafka.evaluate import evaluate, explain
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.topic_rules import TopicRules
from greenflash_kafka.snapshot import Snapshot

FILE = """\
version: 1
source: {topics: [t, "/u.*/"], key: json}
let:
  name: = upper(payload.name)
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  influence: neutral
rules:
  - name: bought
    when:
      type: bought
      n: {above: 5}
      any:
        - data.object.n: {increased: true}
        - kafka.key.k: 1
    where: lower(payload.where) == "here"
    valid: {from: 2020-01-01}
    event:
      event_type: bought
      event_at: = time(payload.at)
      value: = payload.n + 1
      properties: {name: = name, list: [= payload.n, 1]}
  - name: lines
    each: = payload.lines
    when: {item.a: {starts_with: x}, payload.type: bought}
    event: {event_type: line, value: = item.a, insert_id: "= join([payload.id, index], '-')"}
"""
PAYLOAD = {"type": "bought", "n": 6, "where": "HERE", "name": "x", "at": "2026-01-01", "id": 1, "lines": [{"a": "xy"}]}
KEY = b'{"k": 1}'

Load = Callable[..., Loaded]


def test_nothing_that_a_message_meets_is_compiled_after_the_load(load_text: Load) -> None:
    ruleset = load_text(FILE).ruleset
    assert ruleset is not None
    snapshot = Snapshot(ruleset, EvaluationContext())
    with patch("builtins.compile", side_effect=AssertionError("compiled")):
        for topic in ("t", "u1"):
            message = Message(topic, 0, 0, 1_795_000_000_000, KEY, json.dumps(PAYLOAD).encode())
            outcome = evaluate(message, snapshot)
            assert isinstance(outcome, Outcome)
            assert [event.rule for event in outcome.events] == ["bought", "lines"]

    assert [each.result for each in explain(message, snapshot)] == ["matched", "matched"], (
        "conditions by themselves are"
    )


class Bug(Exception):
    """An error that nobody expects."""


class Trap:
    """A value at which our own code fails, as a bug in it would."""

    def __getattribute__(self, name: str) -> object:
        raise Bug


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"name": Trap()}, "name: = upper(payload.name)"),
        ({"n": Trap()}, "n: {above: 5}"),
        ({"data": {"object": {"n": Trap()}}}, "- data.object.n: {increased: true}"),
        ({"where": Trap()}, 'where: lower(payload.where) == "here"'),
        ({"at": Trap()}, "event_at: = time(payload.at)"),
        ({"lines": [{"a": Trap()}]}, "when: {item.a: {starts_with: x}, payload.type: bought}"),
        ({"id": Trap()}, "event: {event_type: line, value: = item.a, insert_id: \"= join([payload.id, index], '-')\"}"),
    ],
)
def test_a_traceback_shows_the_line_of_the_mapping_file(
    rules_of: Callable[..., TopicRules], changed: dict[str, object], text: str
) -> None:
    rules = rules_of(FILE)
    facts = KafkaFacts(Message("t", 0, 0, 1_795_000_000_000, KEY))
    with pytest.raises(Bug) as bug:
        rules.apply({**PAYLOAD, **changed}, facts, EvaluationContext())
    frames = [frame for frame in traceback.extract_tb(bug.tb) if frame.filename.endswith("a.yaml")]
    line = FILE.splitlines().index(next(each for each in FILE.splitlines() if text in each)) + 1
    assert (frames[-1].lineno, frames[-1].line) == (line, text)

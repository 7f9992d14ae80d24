"""How files that read one topic say together how its messages are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, words
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.resolve import resolve
from greenflash_kafka.rules.topic_formats import contradiction, together
from greenflash_kafka.snapshot import Snapshot
from tests.simulation.world import VirtualClock

RULES = """version: 1
source: {topics: [%s]}
rules:
- name: %s
  when: {x: 1}
  event: {event_type: a, product_id: 6f1d2a0c-58b1-4c1f-9a0e-0d1c2b3a4f5e, value: free}
"""
A, B = Schema("avro", '"int"'), Schema("avro", '"long"')


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        (PLAIN, TopicFormat("avro", A), None),
        (TopicFormat("json"), TopicFormat("avro"), "format"),
        (TopicFormat("avro", A), TopicFormat("avro"), None),
        (TopicFormat("avro", A), TopicFormat("avro", B), "schema"),
        (TopicFormat("protobuf", A, "a.B"), TopicFormat("protobuf", A, "a.C"), "message"),
        (PLAIN, TopicFormat(envelope="debezium"), "envelope"),
        (TopicFormat(envelope="debezium"), TopicFormat(envelope="debezium", snapshots=True), "snapshots"),
        (TopicFormat(key="json"), TopicFormat(key="auto"), None),
        (PLAIN, TopicFormat(initial_offset="latest"), None),
        (TopicFormat(initial_offset=0), TopicFormat(initial_offset="latest"), "initial_offset"),
    ],
)
def test_what_one_file_leaves_out_another_may_say(one: TopicFormat, other: TopicFormat, key: str | None) -> None:
    assert contradiction(one, other) == contradiction(other, one) == key


def test_files_say_together_what_each_says() -> None:
    said = [TopicFormat(key="json"), TopicFormat("avro"), TopicFormat(schema=A, key="auto")]
    assert together(said) == TopicFormat("avro", A, key="auto")
    assert together([]) == PLAIN


def test_messages_wait_where_patterns_meet_whose_files_differ(tmp_path: Path) -> None:
    for name, source in {"a": "/shop\\..*/], format: avro", "b": "/.*\\.orders/], format: json"}.items():
        text = RULES.replace("%s]", source, 1) % name
        (tmp_path / f"{name}.yaml").write_text(text)
    loaded = load([tmp_path], {})
    assert loaded.ruleset is not None, loaded.findings
    found = evaluate(Message("shop.orders", 0, 0, value=b'{"x": 1}'), Snapshot(loaded.ruleset))
    assert isinstance(found, NotYet)
    assert "read shop.orders and differ in source.format" in words(found.want)
    assert not Snapshot(loaded.ruleset).known(found.want)


def test_nobody_waits_for_what_this_process_never_knows(tmp_path: Path) -> None:
    for name, source in {"a": r"/shop\..*/], format: avro", "b": r"/.*\.orders/], format: json"}.items():
        (tmp_path / f"{name}.yaml").write_text(RULES.replace("%s]", source, 1) % name)
    ruleset = load([tmp_path], {}).ruleset
    assert ruleset is not None
    clock = VirtualClock()
    (problem,) = resolve(Message("shop.orders", 0, 0, value=b"{}"), Snapshot(ruleset), clock).problems
    assert problem.message.endswith("differ in source.format")
    assert clock.time == VirtualClock().time

"""How files that read one topic say together how its messages are read."""

from __future__ import annotations

import pytest

from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.rules.source_format import contradiction, together

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
    ],
)
def test_what_one_file_leaves_out_another_may_say(one: TopicFormat, other: TopicFormat, key: str | None) -> None:
    assert contradiction(one, other) == contradiction(other, one) == key


def test_files_say_together_what_each_says() -> None:
    said = [TopicFormat(key="json"), TopicFormat("avro"), TopicFormat(schema=A, key="auto")]
    assert together(said) == TopicFormat("avro", A, key="auto")
    assert together([]) == PLAIN

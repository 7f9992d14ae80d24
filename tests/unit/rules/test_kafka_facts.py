"""Facts of the record itself, as rules ask for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from greenflash_kafka.model.message import Message, with_schema
from greenflash_kafka.rules.kafka_facts import KafkaFacts, header


def test_topic_partition_offset_and_time() -> None:
    facts = KafkaFacts(Message("t", 3, 42, 1_795_000_000_123))
    assert (facts.topic, facts.partition, facts.offset) == ("t", 3, 42)
    assert facts.timestamp == datetime(2026, 11, 18, 11, 6, 40, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("ms", [-1, -5, 10**18])
def test_a_time_that_cannot_be_is_missing(ms: int) -> None:
    assert KafkaFacts(Message("t", 0, 0, ms)).timestamp is None
    assert KafkaFacts(Message("t", 0, 0, 0, timestamp_type="none")).timestamp is None


@pytest.mark.parametrize(
    ("key", "text", "json"),
    [
        (b'{"id": 1}', '{"id": 1}', {"id": 1}),
        (b"abc", "abc", None),
        (b"\xff", None, None),
        (None, None, None),
    ],
)
def test_a_key_is_text_or_json(key: bytes | None, text: object, json: object) -> None:
    message = Message("t", 0, 0, key=key)
    assert KafkaFacts(message).key == text
    assert KafkaFacts(message, json_key=True).key == json


def test_of_headers_with_one_name_the_last_one_holds_also_when_it_is_no_text() -> None:
    message = Message("t", 0, 0, headers=(("a", b"1"), ("a", b"2"), ("b", b"x"), ("b", b"\xff"), ("c", None)))
    assert KafkaFacts(message).headers == {"a": "2"}
    assert [header(message, name) for name in "abcd"] == ["2", None, None, None]


def test_what_a_decoder_says_of_the_schema_and_the_key() -> None:
    message = with_schema(Message("t", 0, 7, 5, b"k", b"v", (("a", b"1"),)), "acme.Order", 1234, {"id": 1})
    facts, json = KafkaFacts(message), KafkaFacts(message, json_key=True)
    assert (facts.schema, facts.schema_id, facts.key, json.key) == ("acme.Order", 1234, "k", {"id": 1})
    assert (facts.offset, facts.headers) == (7, {"a": "1"})
    plain = KafkaFacts(Message("t", 0, 0))
    assert (plain.schema, plain.schema_id) == (None, None)

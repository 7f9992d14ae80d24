"""The contents of a dead letter; reading it back gives what was written."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.dlq.letter_record import (
    EVENTS_BYTES,
    FORMS,
    LEAST_BYTES,
    MARK,
    DeadLetterOrigin,
    Form,
    encode,
    one_line,
)
from greenflash_kafka.dlq.reader import NotADeadLetter, is_dead_letter, read
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter

ORIGIN = DeadLetterOrigin("cluster", "topic-id", "0.1.0")

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
entries = st.tuples(
    names,
    st.none() | st.integers(0, 1000),
    st.none() | st.text(max_size=30),
    st.sampled_from(["accepted", "bad-money", "status-422", "missing"]),
)
messages = st.builds(
    Message,
    topic=st.from_regex(r"[A-Za-z0-9._-]{1,30}", fullmatch=True),
    partition=st.integers(0, 2**31 - 1),
    offset=st.integers(0, 2**63 - 1),
    timestamp_ms=st.integers(0, 2**53),
    key=st.none() | st.binary(max_size=20),
    value=st.none() | st.binary(max_size=200),
    headers=st.lists(
        st.tuples(names | st.just(MARK) | st.just("greenflash.code"), st.none() | st.binary(max_size=20)), max_size=5
    ).map(tuple),
    timestamp_type=st.sampled_from(["create", "append", "none"]),
)
dead_letters = st.builds(
    DeadLetter,
    message=messages,
    code=st.sampled_from(["bad-payload", "status-422"]),
    text=st.text(st.characters(codec="utf-8"), max_size=100),
    attempts=st.integers(0, 10**6),
    events=st.lists(entries, max_size=8).map(tuple),
)


@given(dead_letters)
@settings(max_examples=200, deadline=None)
def test_what_is_read_is_what_was_written(dead_letter: DeadLetter) -> None:
    record = encode(dead_letter, ORIGIN)
    kept = read(record.key, record.value, record.headers)
    assert kept.dead_letter.message == dead_letter.message
    assert kept.dead_letter.code == dead_letter.code
    assert kept.dead_letter.text == one_line(dead_letter.text)
    assert kept.dead_letter.attempts == dead_letter.attempts
    assert kept.dead_letter.events == dead_letter.events
    assert kept.events_total == len(dead_letter.events)
    assert kept.origin == ORIGIN
    assert kept.left_out == ()


@given(dead_letters)
@settings(max_examples=50, deadline=None)
def test_a_dead_letter_of_a_dead_letter_keeps_all_of_the_first(dead_letter: DeadLetter) -> None:
    first = encode(dead_letter, ORIGIN)
    again = DeadLetter(Message("dead", 0, 7, 1, first.key, first.value, first.headers), "bad-payload", "again")
    record = encode(again, ORIGIN)
    outer = read(record.key, record.value, record.headers)
    inner = read(outer.dead_letter.message.key, outer.dead_letter.message.value, outer.dead_letter.message.headers)
    assert inner.dead_letter.message == dead_letter.message


def test_originals_are_unchanged_and_ours_stand_behind_them() -> None:
    message = Message("orders", 2, 41, 1795000000000, b"k", b"not json", (("ce_type", b"paid"), ("empty", None)))
    record = encode(DeadLetter(message, "bad-payload", "not JSON", rules="abc123"), ORIGIN)
    assert (record.key, record.value) == (b"k", b"not json")
    assert record.headers[:2] == message.headers
    assert dict(record.headers[2:]) == {
        "greenflash.record": b"1",
        "greenflash.code": b"bad-payload",
        "greenflash.text": b"not JSON",
        "greenflash.attempts": b"0",
        "greenflash.cluster_id": b"cluster",
        "greenflash.topic_id": b"topic-id",
        "greenflash.topic": b"orders",
        "greenflash.partition": b"2",
        "greenflash.offset": b"41",
        "greenflash.timestamp": b"1795000000000",
        "greenflash.timestamp_type": b"create",
        "greenflash.version": b"0.1.0",
        "greenflash.ruleset": b"abc123",
        "greenflash.events": b"[]",
        "greenflash.events_total": b"0",
    }


def test_text_is_one_short_line() -> None:
    message = Message("t", 0, 0)
    record = encode(DeadLetter(message, "x", "a\r\nSet-Cookie: b\x1b[31m\x00" + "é" * 5000), ORIGIN)
    text = (dict(record.headers)["greenflash.text"] or b"").decode()
    assert text.isprintable()
    assert len(text.encode()) <= 2000
    assert text.endswith("...")


def test_a_long_list_keeps_what_failed_and_says_how_many_there_were() -> None:
    accepted = [("rule", item, f"upgrade_purchased:evt_{item}", "accepted") for item in range(1000)]
    failed = [("rule", item, None, "bad-money") for item in range(1000, 1100)]
    record = encode(DeadLetter(Message("t", 0, 0), "bad-money", "", events=(*accepted, *failed)), ORIGIN)
    listed = dict(record.headers)["greenflash.events"] or b""
    assert len(listed) <= EVENTS_BYTES
    kept = read(record.key, record.value, record.headers)
    assert kept.events_total == 1100
    assert [entry for entry in kept.dead_letter.events if entry[3] != "accepted"] == failed
    assert len(kept.dead_letter.events) < 1100
    assert kept.accepted == {f"upgrade_purchased:evt_{item}" for item in range(len(kept.dead_letter.events) - 100)}


@pytest.mark.parametrize("form", FORMS[1:])
def test_by_reference_a_record_says_where_the_value_is_and_what_it_was(form: Form) -> None:
    message = Message("orders", 2, 41, 1, b"k", b"x" * 100_000, (("h", b"1"),))
    record = encode(DeadLetter(message, "bad-payload", "t"), ORIGIN, form)
    kept = read(record.key, record.value, record.headers)
    assert record.value is None
    assert kept.dead_letter.message.coordinates == "orders/2/41"
    assert kept.fingerprints["value"].size == 100_000
    assert kept.fingerprints["value"].sha256 == hashlib.sha256(b"x" * 100_000).hexdigest()
    assert "value" in kept.left_out
    assert (record.key == b"k") == ("key" not in kept.left_out)


def test_the_smallest_form_is_small_whatever_the_message_was() -> None:
    message = Message(
        "t" * 249, 2, 41, 1, b"k" * 50_000, b"x" * 100_000, tuple((f"h{i}", b"1" * 99) for i in range(99))
    )
    events = tuple(("rule", item, f"id{item}" * 20, "accepted") for item in range(500))
    record = encode(DeadLetter(message, "bad-payload", "t" * 9000, events=events), ORIGIN, "bare")
    assert record.size < 4096
    assert json.loads(dict(record.headers)["greenflash.events_total"] or b"") == 500


def test_a_record_of_someone_else_is_refused() -> None:
    assert not is_dead_letter([("ce_type", b"x")])
    for headers in ([], [("ce_type", b"x")], [(MARK, b"9")], [(MARK, b"1")], [(MARK, b"1"), ("greenflash.code", b"x")]):
        with pytest.raises(NotADeadLetter):
            read(None, b"x", headers)


@pytest.mark.parametrize(
    ("name", "content"),
    [("text", b"\xff"), ("events", b"[" * 200_000), ("offset", b"1" * 5_000), ("events", b"1"), ("offset", None)],
)
def test_headers_that_a_stranger_wrote_are_refused_and_nothing_else(name: str, content: bytes | None) -> None:
    good = encode(DeadLetter(Message("t", 0, 1), "bad-payload", "why"), ORIGIN).headers
    changed = [(header, content if header == f"greenflash.{name}" else value) for header, value in good]
    with pytest.raises(NotADeadLetter) as caught:
        read(None, b"x", changed)
    assert len(str(caught.value)) < 400


def test_the_smallest_form_fits_a_topic_of_the_least_size_whatever_the_letter() -> None:
    long = "x" * 10_000
    message = Message("t" * 249, 2**31 - 1, 2**63 - 1, 2**62, long.encode(), long.encode(), (), "append")
    events = tuple((long[:200], number, long[:200], "status-422") for number in range(100))
    dead_letter = DeadLetter(message, long, long, 2**62, events, long)
    record = encode(dead_letter, DeadLetterOrigin(long, long, long), "bare")
    # A header's two lengths take 3 bytes at most, a record's own fields 30, its batch 61 (Kafka's record format 2).
    headers = sum(len(name) + len(value or b"") + 6 for name, value in record.headers)
    assert record.key is record.value is None
    assert headers + 30 + 61 <= LEAST_BYTES

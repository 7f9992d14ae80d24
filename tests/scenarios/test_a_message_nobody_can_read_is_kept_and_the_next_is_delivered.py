"""Random bytes, NaN, an unclosed text of 10 MB, 100,000 levels: dead letters, byte for byte, and no harm beside."""

from __future__ import annotations

import random
from typing import Any

from tests.brokers.kafka import Record

POISONS = (
    random.Random(1).randbytes(1000),
    b'{"type": "paid", "id": "n", "cents": NaN}',
    b'{"type": "' + b"x" * 10_000_000,
    b"[" * 100_000 + b"]" * 100_000,
    b"",
    b"\xef\xbb\xbf{}",
    '{"type": "paid"}'.encode("utf-16"),
    b'{"type": "paid", "cents": 1e999999999999999999999}',
    b'"\xed\xa0\x80"',
    b"{} {}",
)


def test_a_message_nobody_can_read_is_kept_and_the_next_is_delivered(deployment: Any) -> None:
    kafka = deployment.kafka
    large = {"max.message.bytes": "20000000"}
    deployment.dead_letters = kafka.topic(1, "dead-letters", large)
    (topic,) = deployment.topics(1, config=large)
    for number, poison in enumerate(POISONS):
        kafka.produce(topic, [poison, *deployment.orders(1, number)])
    # Headers twice, empty and without a value, and an empty key: all of it is kept.
    headers = [("trace", b"1"), ("trace", None), ("", b"")]
    kafka.produce(topic, [Record(b"{", key=b"", headers=headers), *deployment.orders(1, len(POISONS))])
    # A tombstone and JSON's null are nothing, unless a rule asks for them.
    kafka.produce(topic, [None, b"null"])
    summary = deployment.run_until_idle()
    dead_letters = kafka.read(deployment.dead_letters)
    assert [dead_letter.value for dead_letter in dead_letters] == [*POISONS, b"{"]
    assert (dead_letters[0].key, dead_letters[-1].key) == (None, b"")
    assert list(dead_letters[-1].headers[: len(headers)]) == headers
    assert summary["filtered"] == 2
    assert summary["dead_lettered"] == len(dead_letters)
    assert len(deployment.stored()) == len(dead_letters)
    assert kafka.committed(deployment.group, topic) == kafka.ends(topic)

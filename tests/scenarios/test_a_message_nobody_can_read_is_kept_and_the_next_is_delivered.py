"""Random bytes, NaN, an unclosed text of 10 MB, 100,000 levels: dead letters, byte for byte, and no harm beside."""

from __future__ import annotations

import random
from typing import Any

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
    # A tombstone and JSON's null are nothing, unless a rule asks for them.
    kafka.produce(topic, [None, b"null"])
    summary = deployment.run_until_idle()
    letters = kafka.read(deployment.dead_letters)
    assert [letter.value for letter in letters] == list(POISONS)
    assert summary["filtered"] == 2
    assert summary["dead_lettered"] == len(POISONS)
    assert len(deployment.stored()) == len(POISONS)
    assert kafka.committed(deployment.group, topic) == kafka.ends(topic)

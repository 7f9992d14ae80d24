"""The demo's topics in Avro mean what their JSON means."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.demo.avro_topics import SCHEMAS, in_avro
from greenflash_kafka.demo.made import CHATS, CREDITS
from greenflash_kafka.demo.traffic import ProducedMessage, endless_with_meaning, with_chats
from greenflash_kafka.evaluate import activities, evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.schemas import KnownSchemas

MAPPINGS = Path(__file__).parents[3] / "mappings"
PRODUCT = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}


def test_messages_in_avro_become_what_their_json_becomes() -> None:
    ruleset = load([MAPPINGS], PRODUCT).ruleset
    assert ruleset is not None
    snapshot = Snapshot(ruleset, decoders=FormatDecoders(KnownSchemas(SCHEMAS)))
    written = [message for message, _ in islice(with_chats(endless_with_meaning(3)), 2_000)]
    of_interest = [each for each in written if each.topic in (CHATS, CREDITS)]
    events = chats = 0
    for number, each in enumerate(of_interest):
        plain, packed = _message(each, number), _message(in_avro(each), number)
        assert evaluate(packed, snapshot) == evaluate(plain, snapshot)
        assert activities(packed, snapshot) == activities(plain, snapshot)
        assert packed.value is None or packed.value[:1] == b"\0"
        events += len(getattr(evaluate(packed, snapshot), "events", ()))
        chats += len(getattr(activities(packed, snapshot), "found", ()))
    assert events > 20
    assert chats > 100


def test_other_topics_stay_in_json() -> None:
    others = [m for m, _ in islice(endless_with_meaning(3), 100) if m.topic != CREDITS]
    assert [in_avro(each) for each in others] == others


def _message(written: ProducedMessage, offset: int) -> Message:
    return Message(written.topic, 0, offset, written.timestamp_ms, written.key, written.value, written.headers)

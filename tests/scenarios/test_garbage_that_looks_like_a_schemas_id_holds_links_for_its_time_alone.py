"""Garbage that begins like a schema's id, in topics of JSON: a registry that knows none of its ids stalls nothing."""

from __future__ import annotations

from typing import Any

from tests.brokers.kafka import Record
from tests.registries.scripted import ScriptedRegistry
from tests.scenarios.linked import Linked, now


def garbage(partition: int, number: int) -> Record:
    """Bytes that no schema describes, as a broken producer sends them."""
    value = b"\x00" + number.to_bytes(4, "big") + b" garbage"
    return Record(value, partition=partition, timestamp_ms=now())


def test_garbage_in_topics_of_json_is_passed_over_though_the_registry_knows_no_id(deployment: Any, until: Any) -> None:
    linked, kafka = Linked(deployment), deployment.kafka
    # The first record of one partition, and the only one of the other.
    kafka.produce(linked.chats, [garbage(0, 99), garbage(1, 99)])
    linked.chat("c-1", "ann")
    linked.order(1, "ann")
    kafka.produce(linked.orders, [garbage(1, 98)])
    linked.order(2, "ann", partition=1)
    registry = ScriptedRegistry()
    try:
        process = linked.run(
            GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL=registry.url,
            GREENFLASH_KAFKA_SCHEMA_REGISTRY__UNKNOWN_ID_SECONDS="1",
        )
        until(lambda: linked.links() == {"o1": "c-1", "o2": "c-1"}, "the linked orders")
        until(lambda: kafka.lag(deployment.group, linked.orders) == 0, "the commits")
        assert process.lines("conversation_record_invalid", topic=linked.chats)
        assert process.stop() == 0
    finally:
        registry.close()
    (letter,) = kafka.read(deployment.dead_letters)
    assert dict(letter.headers)["greenflash.code"] == b"unknown-schema"
    assert b"format: json" in dict(letter.headers)["greenflash.text"]

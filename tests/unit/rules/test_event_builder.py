"""Events of a rule: compiled where they are ordinary, step by step where they aren't."""

from __future__ import annotations

from collections.abc import Mapping

from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.draft import Draft
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.fields import Fields
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.value_compiler import literal

PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
SINGLE: Mapping[str, Expression] = {
    "event_type": literal("paid"),
    "product_id": literal(PRODUCT),
    "value": compile_expression("payload.amount", Names()),
    "insert_id": compile_expression("payload.id", Names()),
    "user_id": compile_expression("payload.user", Names()),
}

Built = tuple[list[Draft | Event], list[Problem], list[Count]]


def build(payload: object) -> Built:
    builder = EventBuilder("r", Fields(dict(SINGLE), {"note": compile_expression("payload.note", Names())}))
    message = Message("t", 0, 0, 1_795_000_000_000)
    built: Built = ([], [], [])
    builder.build(Scope(payload, KafkaFacts(message), message.record_ms), *built)
    return built


def test_an_ordinary_event_is_finished() -> None:
    (event,), problems, counts = build({"amount": 5, "id": "i", "user": PRODUCT, "note": "n"})
    assert isinstance(event, Event)
    assert event.insert_id == "paid:i"
    assert (event.fields["value"], event.fields["value_type"], event.fields["properties"]) == (
        "5",
        "numeric",
        {"note": "n"},
    )
    assert (problems, counts) == ([], [])


def test_an_optional_field_that_is_missing_is_left_out_and_counted() -> None:
    (event,), problems, counts = build({"amount": 5, "id": "i"})
    assert isinstance(event, Event)
    assert "user_id" not in event.fields
    assert problems == []
    assert [(each.code, each.field) for each in counts] == [("missing", "user_id"), ("missing", "properties.note")]


def test_everything_wrong_with_an_event_is_said_and_counted_once() -> None:
    drafts, problems, counts = build({"amount": [1], "user": PRODUCT, "note": "n"})
    assert drafts == []
    assert [(each.code, each.field) for each in problems] == [("type-mismatch", "value"), ("no-insert-id", "insert_id")]
    assert counts == []

"""Events as code: bytes of a request, or nothing done."""

from __future__ import annotations

import json

import pytest

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.event_code import compile_event
from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.fields import FieldPlan, Fields
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.value_compiler import literal

PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"


def fields(**more: Expression) -> Fields:
    single = {"event_type": literal("e"), "product_id": literal(PRODUCT)}
    read = {name: compile_expression(f"payload.{at}", Names()) for name, at in (("value", "v"), ("insert_id", "id"))}
    return Fields({**single, **read, **more}, {})


def scope(payload: object) -> Scope:
    message = Message("t", 0, 0, 1_795_000_000_000)
    return Scope(payload, KafkaFacts(message), message.record_ms)


def test_the_body_is_the_request_s_json() -> None:
    event = compile_event(FieldPlan("r", fields()))(scope({"v": "x", "id": "i"}), [])
    assert event is not None
    assert json.loads(event.body) == {
        "eventType": "e",
        "productId": PRODUCT,
        "value": "x",
        "valueType": "text",
        "eventAt": "2026-11-18T11:06:40Z",
        "insertId": "e:i",
    }


@pytest.mark.parametrize("payload", [{"v": [1], "id": "i"}, {"v": "x"}, {"v": "\ud800", "id": "i"}, {"id": "i"}])
def test_what_it_does_not_know_leaves_nothing_behind(payload: object) -> None:
    more = {"user_id": compile_expression("upper(payload.nope)", Names())}
    where, counts = scope(payload), list[Count]()
    assert compile_event(FieldPlan("r", fields(**more)))(where, counts) is None
    assert counts == []
    assert where.budget == scope(payload).budget


def test_an_event_that_the_api_would_always_refuse_is_left_to_the_other_builder() -> None:
    refused = Fields({**fields().single, "influence": literal("good")}, {})
    assert compile_event(FieldPlan("r", refused))(scope({"v": "x", "id": "i"}), []) is None

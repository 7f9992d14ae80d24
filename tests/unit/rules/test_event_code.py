"""Events as code: the JSON of a request, or everything that keeps an event from being one."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.value_compiler import literal
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.event_code import compile_event
from greenflash_kafka.rules.fields import FieldPlan, Fields
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.rejected_event import RejectedEvent
from greenflash_kafka.rules.results import Draft

PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
NOW = 1_795_000_000_000


def of(text: str) -> Expression:
    return compile_expression(text, Names())


def build(
    payload: object,
    properties: dict[str, Expression] | None = None,
    whole: tuple[Expression, ...] = (),
    ms: int = NOW,
    **single: Expression,
) -> tuple[Draft | None, list[Problem], list[Count]]:
    """The event of the rule's third item, if there is one, and what else there is."""
    given = {"event_type": literal("e"), "product_id": literal(PRODUCT), "value": of("payload.v"), **single}
    message = Message("t", 0, 0, ms)
    drafts: list[Draft] = []
    problems: list[Problem] = []
    counts: list[Count] = []
    made = compile_event(FieldPlan("r", Fields(given, properties or {}, whole)))
    made(Scope(payload, KafkaFacts(message), message.record_ms, index=2), drafts, problems, counts)
    assert len(drafts) <= 1
    return (drafts[0] if drafts else None), problems, counts


def body(*args: Any, **more: Any) -> dict[str, object]:
    """The JSON of an event that must be one."""
    event, problems, _ = build(*args, **more)
    assert isinstance(event, Event), (event, problems)
    found: dict[str, object] = json.loads(event.body)
    return found


def rejected(*args: Any, **more: Any) -> list[tuple[str, str | None, str]]:
    """The problems of an event that the API would reject."""
    event, problems, _ = build(*args, **more)
    assert isinstance(event, RejectedEvent), (event, problems)
    assert {(one.rule, one.item) for one in event.problems} == {("r", 2)}
    return [(one.code, one.field, one.full_text) for one in event.problems]


def test_the_body_is_the_request_s_json() -> None:
    assert body(
        {"v": "x", "id": "i", "user": "u", "score": Decimal("0.50")},
        {"n": literal("kept"), "p": of("payload.v")},
        insert_id=of("payload.id"),
        external_user_id=of("payload.user"),
        quality_impact_score=of("payload.score"),
    ) == {
        "eventType": "e",
        "productId": PRODUCT,
        "value": "x",
        "valueType": "text",
        "qualityImpactScore": 0.5,
        "externalUserId": "u",
        "eventAt": "2026-11-18T11:06:40Z",
        "properties": {"n": "kept", "p": "x"},
        "insertId": "e:i",
    }


def test_an_event_without_an_id_of_its_own_has_its_record_s() -> None:
    event, _, _ = build({"v": "x"})
    assert isinstance(event, Event)
    assert event.insert_id == f"r/-/-/0/0/{NOW}/2"


def test_an_optional_field_that_is_missing_or_in_error_is_left_out_and_counted() -> None:
    event, problems, counts = build(
        {"v": 1, "t": [1]},
        {"note": of("payload.note")},
        user_id=of("payload.user"),
        external_user_id=of("payload.t + 1"),
    )
    assert isinstance(event, Event)
    assert problems == []
    assert counts == [
        Count("missing", "r", "user_id"),
        Count("type-mismatch", "r", "external_user_id"),
        Count("missing", "r", "properties.note"),
    ]
    assert {"userId", "externalUserId", "properties"}.isdisjoint(json.loads(event.body))


@pytest.mark.parametrize(
    ("payload", "code"), [({}, "missing"), ({"v": ""}, "missing"), ({"v": {"a": 1}}, "type-mismatch")]
)
def test_a_required_field_that_gives_nothing_is_a_problem(payload: object, code: str) -> None:
    event, problems, _ = build(payload)
    assert event is None
    assert [(one.code, one.rule, one.item, one.field) for one in problems] == [(code, "r", 2, "value")]


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({}, "missing or empty"),
        ({"id": ""}, "missing or empty"),
        ({"id": True}, "a text, a number or a time"),
        ({"id": [1]}, "a text, a number or a time"),
        ({"id": "x", "n": "x"}, "can't be worked out: type-mismatch: "),
    ],
)
def test_an_event_without_its_id_is_none(payload: dict[str, object], said: str) -> None:
    key = of("payload.id + payload.n") if "n" in payload else of("payload.id")
    event, problems, _ = build({"v": 1, **payload}, insert_id=key)
    assert event is None
    assert [(one.code, one.item, one.field) for one in problems] == [("no-insert-id", 2, "insert_id")]
    assert said in problems[0].message


def test_everything_wrong_with_an_event_is_said_and_counted_once() -> None:
    event, problems, counts = build(
        {"v": [1], "user": "no uuid"},
        {"note": of("payload.note")},
        user_id=of("payload.user"),
        insert_id=of("payload.id"),
    )
    assert event is None
    assert [(each.code, each.field) for each in problems] == [("type-mismatch", "value"), ("no-insert-id", "insert_id")]
    assert counts == [Count("missing", "r", "properties.note")]


def test_what_the_api_would_reject_is_said_in_the_order_of_the_fields() -> None:
    assert rejected(
        {"v": "half \ud800", "user": 17, "score": Decimal("1.5"), "good": Decimal("1E-7"), "id": "i"},
        user_id=of("payload.user"),
        sample_rate=of("payload.good"),
        quality_impact_score=of("payload.score"),
        insert_id=of("payload.id"),
    ) == [
        ("not-allowed", "value", '"half \\ud800" holds half of a UTF-16 pair, which is not text'),
        (
            "not-allowed",
            "user_id",
            "17 is not text; write text(...)",
        ),
        ("not-allowed", "quality_impact_score", "1.5 is not between -1 and 1"),
    ]


def test_half_a_pair_is_found_wherever_it_is() -> None:
    assert [each[1] for each in rejected({"v": 1, "id": "\ud800"}, insert_id=of("payload.id"))] == ["insert_id"]
    said = "holds half of a UTF-16 pair, which is not text"
    assert rejected({"v": 1, "p": "\ud800"}, {"p": of("payload.p")}) == [("not-allowed", "properties", said)]
    # In what is written in the file, too: in a value, and in a name.
    assert rejected({"v": 1}, {"p": literal("\ud800")}) == [("not-allowed", "properties", said)]
    assert rejected({"v": 1}, {"\ud800": literal("x")}) == [("not-allowed", "properties", said)]


def test_an_event_that_no_json_can_hold_is_rejected_unless_something_else_is_wrong_with_it() -> None:
    large = {"p": of("payload.p")}
    assert rejected({"v": 1, "p": 10**400}, large) == [("not-allowed", "properties", "holds a number above 1.8e308")]
    assert [each[1] for each in rejected({"v": 1, "p": 10**400, "u": 1}, large, user_id=of("payload.u"))] == ["user_id"]
    event, _, _ = build({"v": 1, "p": 10**400}, large)
    assert isinstance(event, RejectedEvent)
    assert event.unwritable


def test_a_constant_that_the_api_rejects_is_said_of_each_event() -> None:
    wrong = '"good" is none of positive, negative, neutral'
    assert rejected({"v": "x"}, influence=literal("good")) == [("not-allowed", "influence", wrong)]


@pytest.mark.parametrize("ms", [-2, 2**62])
def test_a_record_s_time_outside_every_calendar_is_a_problem(ms: int) -> None:
    ((code, field, _),) = rejected({"v": 1}, ms=ms)
    assert (code, field) == ("bad-time", "event_at")


def test_a_time_that_cannot_be_read_is_counted_and_the_record_s_is_taken() -> None:
    event, _, counts = build({"v": 1, "at": "soon"}, event_at=of("payload.at"))
    assert isinstance(event, Event)
    assert json.loads(event.body)["eventAt"] == "2026-11-18T11:06:40Z"
    assert counts == [Count("bad-time", "r", "event_at")]


def test_times_and_amounts_are_text_in_a_text_field() -> None:
    made = body({"v": 1, "at": 1_795_000_000}, external_user_id=of('time(payload.at, "s")'))
    assert made["externalUserId"] == "2026-11-18T11:06:40Z"


def test_single_properties_lie_over_those_given_as_a_whole() -> None:
    whole = (of("payload.all"),)
    named = {"b": of("payload.v"), "d": of("payload.d")}
    payload = {"v": 1, "all": {"a": Decimal("1E+5"), "b": 10**400, "c": None}}
    assert body(payload, named, whole)["properties"] == {"a": 100_000, "b": 1}
    event, _, counts = build({"v": 1, "all": [1]}, {"b": of("payload.v")}, whole)
    assert isinstance(event, Event)
    assert json.loads(event.body)["properties"] == {"b": 1}
    assert counts == [Count("type-mismatch", "r", "properties")]


def test_a_name_that_has_to_be_escaped_is_a_name() -> None:
    assert body({"v": 1}, {'a "b"': of("payload.v"), "c": literal("x")})["properties"] == {'a "b"': 1, "c": "x"}
    assert "properties" not in body({"v": 1}, {'a "b"': of("payload.w")})


def test_a_traceback_of_generated_code_names_the_line_of_the_mapping_file() -> None:
    value = compile_expression("payload.v", Names(), "m.yaml", 7)
    fields = {"event_type": literal("e"), "product_id": literal(PRODUCT), "value": value}
    made: Any = compile_event(FieldPlan("r", Fields(fields, {})), "m.yaml", 5)
    assert made.__code__.co_filename == "m.yaml"
    assert {line for _, _, line in made.__code__.co_lines()} >= {5, 7}

"""Events built step by step, with everything that is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.draft import Draft
from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.fields import FieldPlan, Fields
from greenflash_kafka.rules.plain_event import PlainEvent
from greenflash_kafka.rules.value_compiler import literal


def of(text: str) -> Expression:
    return compile_expression(text, Names())


def build(payload: object, properties: dict[str, Expression] | None = None, **single: Expression) -> Any:
    drafts: list[Draft | Event] = []
    problems: list[Problem] = []
    counts: list[Count] = []
    whole = (of("payload.all"),) if properties is not None else ()
    fields = {"event_type": literal("e"), "value": of("payload.v"), **single}
    plan = FieldPlan("r", Fields(fields, properties or {}, whole))
    PlainEvent(plan).build(Scope(payload, record_ms=1_800_000_000_000), 2, drafts, problems, counts)
    return drafts, [(one.code, one.item, one.field) for one in problems], [(one.code, one.field) for one in counts]


def test_a_draft_has_the_rule_s_fields() -> None:
    (draft,), problems, counts = build(
        {"v": Decimal("1.50"), "id": 7, "at": "2026-01-01T00:00:00Z"},
        insert_id=of("payload.id"),
        event_at=of("payload.at"),
    )
    assert draft == Draft(
        "r",
        2,
        {
            "event_type": "e",
            "value": "1.5",
            "value_type": "numeric",
            "event_at": datetime(2026, 1, 1, tzinfo=UTC),
        },
        "7",
    )
    assert (problems, counts) == ([], [])


@pytest.mark.parametrize(
    ("payload", "problems"),
    [
        ({}, [("missing", 2, "value")]),
        ({"v": ""}, [("missing", 2, "value")]),
        ({"v": {"a": 1}}, [("type-mismatch", 2, "value")]),
    ],
)
def test_a_required_field_that_gives_nothing_is_a_problem(payload: object, problems: list[object]) -> None:
    assert build(payload) == ([], problems, [])


@pytest.mark.parametrize("payload", [{"v": 1}, {"v": 1, "id": ""}, {"v": 1, "id": True}, {"v": 1, "id": [1]}])
def test_an_event_without_its_id_is_none(payload: object) -> None:
    assert build(payload, insert_id=of("payload.id")) == ([], [("no-insert-id", 2, "insert_id")], [])


def test_a_time_that_cannot_be_read_is_counted_and_left_out() -> None:
    (draft,), _, counts = build({"v": 1, "at": "soon"}, event_at=of("payload.at"))
    assert "event_at" not in draft.fields
    assert counts == [("bad-time", "event_at")]


def test_single_properties_lie_over_those_given_as_a_whole() -> None:
    (draft,), _, counts = build(
        {"v": 1, "all": {"a": 1, "b": 2, "c": None}}, {"b": of("payload.v"), "d": of("payload.d")}
    )
    assert draft.fields["properties"] == {"a": 1, "b": 1}
    assert counts == [("missing", "properties.d")]
    (draft,), _, counts = build({"v": 1, "all": [1]}, {"b": of("payload.v")})
    assert draft.fields["properties"] == {"b": 1}
    assert counts == [("type-mismatch", "properties")]

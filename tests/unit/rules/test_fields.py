"""Fields of an event sorted by how they come about, and the form in which values are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import MAX_VALUE_DEPTH, Scope
from greenflash_kafka.expressions.values import Money
from greenflash_kafka.mappings.value_compiler import literal
from greenflash_kafka.model.event import FIELD
from greenflash_kafka.rules.fields import FieldPlan, Fields, canonical, literal_refusal


def test_constants_are_worked_out_once_and_the_value_says_its_type() -> None:
    read = compile_expression("payload.user", Names())
    single = {"event_type": literal("e"), "value": literal(Decimal("5.0")), "user_id": read, "insert_id": read}
    plan = FieldPlan("r", Fields(single, {"a": read}))
    assert plan.constants == {"event_type": "e", "value": "5", "value_type": "numeric"}
    assert [name for name, _ in plan.dynamic] == ["user_id"]
    assert plan.key is read
    assert plan.missing["properties.a"].field == "properties.a"


def test_a_written_value_type_wins_and_a_constant_that_gives_nothing_is_asked_each_time() -> None:
    plan = FieldPlan("r", Fields({"value": literal(5), "value_type": literal("text"), "user_id": literal(None)}, {}))
    assert (plan.typed, plan.constants["value_type"]) == (True, "text")
    assert [name for name, _ in plan.dynamic] == ["user_id"]


def test_values_are_kept_as_plain_texts_however_deep() -> None:
    value = {"a": [Money("1.50", "EUR"), datetime(2026, 1, 1, tzinfo=UTC)], "n": Decimal("1.10"), "none": None}
    kept: Any = canonical(Scope(None), value)
    assert kept == {"a": ["1.50", "2026-01-01T00:00:00Z"], "n": Decimal("1.10"), "none": None}
    assert kept["a"][0].__class__ is str


def test_what_is_too_deep_is_a_limit() -> None:
    value: Any = []
    for _ in range(MAX_VALUE_DEPTH + 1):
        value = [value]
    with pytest.raises(EvaluationError, match="limit"):
        canonical(Scope(None), value)


def test_a_literal_that_the_api_would_refuse() -> None:
    assert literal_refusal(FIELD["value"], 5) is None
    assert literal_refusal(FIELD["value"], "") == "is empty"
    assert "UUID" in (literal_refusal(FIELD["product_id"], "x") or "")
    assert literal_refusal(FIELD["event_at"], "x") is None, "times are read elsewhere"

"""Calls in expressions: which argument goes where, and what is refused of them."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.scope import Scope


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("round(payload.n, n=1)", 5),
        ("substring(payload.t, 2)", "bc"),
        ("substring(start=2, length=1, x=payload.t)", "b"),
        ("max(payload.n, 7, 3)", 7),
        ("upper(payload.nope)", None),
        ("coalesce(payload.nope, payload.t, 1 / payload.zero)", "abc"),
        ("exists(payload.t)", True),
        ('text(money_minor(payload.n, "EUR"))', "0.05"),
    ],
)
def test_arguments_by_place_and_by_name(text: str, value: Any) -> None:
    assert compile_expression(text, Names()).evaluate(Scope({"n": 5, "t": "abc", "zero": 0})) == value


@pytest.mark.parametrize(
    ("text", "code", "marked"),
    [
        ("upper()", "arguments", "upper()"),
        ("upper(payload.a, 1)", "arguments", "upper(payload.a, 1)"),
        ("round(payload.a, places=1)", "arguments", "places"),
        ("round(payload.a, n=1, n=2)", "arguments", "n"),
        ("round(n=1, payload.a)", "arguments", "payload.a"),
        ('matches(payload.a, "(")', "bad-literal", '"("'),
        ("uper(payload.a)", "unknown-function", "uper"),
        ("money(payload.a)", "unknown-function", "money"),
        ('upper(number("x"))', "bad-number", 'number("x")'),
    ],
)
def test_what_is_refused_and_where(text: str, code: str, marked: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, Names())
    refusal = refused.value.refusals[0]
    assert (refusal.code, text[refusal.start : refusal.end]) == (code, marked)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("upper(payload.a + 1)", "type-mismatch"),
        ('money_minor(payload.a, "EURO")', "unknown-currency"),
        ('coalesce(money_minor(payload.a, "EUR"), money_minor(payload.b, "USD"))', "mixed-currencies"),
    ],
)
def test_what_is_accepted_with_a_remark(text: str, code: str) -> None:
    assert [remark.code for remark in compile_expression(text, Names()).remarks] == [code]

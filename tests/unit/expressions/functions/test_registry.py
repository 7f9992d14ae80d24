"""Every function is documented by one line and an example that is true; the budgets hold for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.functions.definition import Function
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.scope import MAX_ITERATIONS, MAX_TEXT, Scope


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_its_example_is_true(function: Function, value_of: Callable[[str], Any]) -> None:
    value = value_of(function.example)
    expected = json.loads(function.gives, parse_float=Decimal)
    if isinstance(value, datetime):
        expected = datetime.fromisoformat(expected)
    assert value == expected
    assert function.name in function.example
    assert function.doc.endswith(".")
    assert len(function.doc) < 120


@pytest.mark.parametrize(("text", "code"), [each for function in FUNCTIONS.values() for each in function.fails.items()])
def test_the_problems_that_it_names_are_true(text: str, code: str, value_of: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        value_of(text)
    assert [each.code for each in refused.value.refusals] == [code]


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_a_missing_argument_gives_missing(function: Function, value_of: Callable[[str], Any]) -> None:
    if function.name in ("exists", "coalesce", "matches", "extract", "regex_replace"):
        return
    needed = sum(not parameter.optional and not parameter.many for parameter in function.parameters)
    arguments = ["payload.nope"] * max(1, needed)
    if function.name == "format_time":
        arguments[1] = '"%Y"'
    assert value_of(f"{function.name}({', '.join(arguments)})") is None


def _run(text: str, payload: Any) -> Any:
    return compile_expression(text, Names()).evaluate(Scope(payload))


def _fails(text: str, payload: Any) -> str:
    with pytest.raises(EvaluationError) as failed:
        _run(text, payload)
    return failed.value.code


def test_iterations_are_limited_a_message() -> None:
    assert _run("count([x for x in payload])", [1] * MAX_ITERATIONS) == MAX_ITERATIONS
    assert _fails("count([x for x in payload])", [1] * (MAX_ITERATIONS + 1)) == "limit"
    assert _fails("count([x for x in payload for y in payload])", [1] * 317) == "limit"
    expression, scope = compile_expression("count([x for x in payload])", Names()), Scope([1] * 60_000)
    assert expression.evaluate(scope) == 60_000
    with pytest.raises(EvaluationError, match="limit"):
        expression.evaluate(scope.for_item(1, 0))


def test_text_is_limited_a_message() -> None:
    assert len(_run("upper(payload)", "x" * MAX_TEXT)) == MAX_TEXT
    assert _fails("upper(payload)", "x" * (MAX_TEXT + 1)) == "limit"
    assert _fails("upper(payload)", "é" * (MAX_TEXT // 2 + 1)) == "limit"
    assert _fails("[upper(x) for x in payload]", ["x" * 1_000] * 70) == "limit"
    assert _run("payload", "x" * 1_000_000) == "x" * 1_000_000


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ('replace(payload, "x", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy")', "x" * 10_000_000),
        ("join(payload, payload[0])", ["y" * 1_000_000] * 10_000),
        ("concat(payload, payload, payload)", "y" * 30_000_000),
        ("decode_base64(payload)", "YWFh" * 1_000_000),
        ('split(payload, "a")', "a" * 2_000_000),
        ("sum(payload)", [1] * 1_000_001),
        ('count([1 for x in payload if matches(x, "(a|aa)+$")])', ["a" * 1_000_000] * 100),
        ("count([1 for x in payload if x in payload])", list(range(50_000))),
    ],
)
@pytest.mark.timeout(300)
def test_no_message_makes_a_function_work_without_end(text: str, payload: Any) -> None:
    assert _fails(text, payload) == "limit"

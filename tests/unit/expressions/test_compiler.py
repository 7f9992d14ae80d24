"""Compiling expressions: what is worked out at load, what is read, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.expressions.compiler import ExpressionCompiler
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.operand import Operand
from greenflash_kafka.expressions.parser import parse


def compiled(text: str) -> tuple[Operand, ExpressionCompiler]:
    compiler = ExpressionCompiler(text, Names(item=True))
    return compiler.compile(parse(text)), compiler


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ('upper("a")', "A"),
        ('[1, "a", null]', [1, "a", None]),
        ("not (1 > 2)", True),
        ('"a" if true else payload.x', "a"),
        ("null + 1", None),
        ('"b" in ["a", "b"]', True),
    ],
)
def test_what_is_all_literal_is_worked_out_at_load(text: str, value: Any) -> None:
    operand, compiler = compiled(text)
    assert operand.constant
    assert operand.value == value
    assert compiler.refusals == []


def test_what_an_expression_reads_is_known() -> None:
    _, compiler = compiled(
        '[upper(x.name) for x in payload.lines if x.kind == item.kind] if kafka.key == "k" else null'
    )
    assert [str(path) for path in compiler.paths] == ["kafka.key", "payload.lines", "item.kind"]
    assert compiler.roots == {"kafka", "payload", "item"}
    assert compiler.called == {"upper"}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    _, compiler = compiled('uper(foo) + bar + (1 / 0) + substring("a", 0)')
    assert sorted(refusal.code for refusal in compiler.refusals) == [
        "bad-number",
        "division-by-zero",
        "unknown-function",
        "unknown-name",
        "unknown-name",
    ]


def test_a_part_that_is_never_reached_needs_right_names_only() -> None:
    assert compiled("1 if true else 1 / 0")[1].refusals == []
    assert [refusal.code for refusal in compiled("1 if true else foo")[1].refusals] == ["unknown-name"]

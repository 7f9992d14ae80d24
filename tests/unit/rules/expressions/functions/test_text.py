"""Functions of text."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.rules.expressions.expression import compile_expression
from greenflash_kafka.rules.expressions.functions.argument_types import BadLiteral
from greenflash_kafka.rules.expressions.functions.text import compile_pattern, found
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('replace(payload.t, "l", "L")', "heLLo"),
        ('replace(payload.t, "", "x")', "hello"),
        ('split("a,b,", ",")', ["a", "b", ""]),
        ('split(payload.t, "")', ["hello"]),
        ('join(["a", 1, true], "-")', "a-1-true"),
        ('join(["a", payload.nope], "-")', None),
        ("substring(payload.t, 2, 3)", "ell"),
        ("substring(payload.t, 99)", ""),
        ("left(payload.t, 2)", "he"),
        ("right(payload.t, 2)", "lo"),
        ("right(payload.t, 0)", ""),
        ('extract(payload.t, "h(.)l")', "e"),
        ('extract(payload.t, "l+")', "ll"),
        ('extract(payload.t, "z")', None),
        ('contains(payload.list, "a")', True),
        ('starts_with(payload.t, "He")', False),
        ("length(payload.emoji)", 2),
        ("concat(payload.t, 1.50, true)", "hello1.5true"),
    ],
)
def test_a_function(text: str, value: Any) -> None:
    payload = {"t": "hello", "list": ["a"], "emoji": "é😀"}
    assert compile_expression(text, Names()).evaluate(Scope(payload)) == value


@pytest.mark.parametrize("text", ["upper(payload)", "length(payload)", 'split(payload, ",")', "trim(payload)"])
def test_a_number_is_no_text(text: str) -> None:
    with pytest.raises(EvaluationError, match="type-mismatch"):
        compile_expression(text, Names()).evaluate(Scope(5))


def test_patterns_are_re2_s() -> None:
    assert found(compile_pattern("^a+$"), "aaa")
    assert not found(compile_pattern("^a+$"), "aab")
    for wrong in ("(", r"(a)\1", "(?=a)"):
        with pytest.raises(BadLiteral):
            compile_pattern(wrong)

"""Checks of arguments, for what all of an expression is literal."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import ExpressionRefused


@pytest.mark.parametrize(
    "text",
    [
        *('substring("abc", 0)', 'substring("abc", 1, -1)', 'left("abc", -1)', 'right("abc", 1.5)', "round(1, 0.5)"),
        *('bucket("a", 0)', 'bucket("a", 1.5)', 'number("1,000")', 'number("NaN")', 'number("1e999")', 'number("")'),
    ],
)
def test_numbers_that_make_no_sense_are_bad_numbers(text: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, Names())
    assert [refusal.code for refusal in refused.value.refusals] == ["bad-number"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("upper(5)", "upper takes text, not a number; text(x) converts it"),
        ("length([1])", "length takes text, not a list; count(list) counts elements"),
        ('count("a")', "count takes a list, not text; length(text) counts characters"),
        ('join("a", ",")', "join takes a list, not text; concat joins single values"),
        ('substring("a", "b")', "substring takes a number as start (it counts from 1), not text"),
    ],
)
def test_another_type_is_named_with_what_to_write(text: str, said: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, Names())
    assert [(refusal.code, refusal.message) for refusal in refused.value.refusals] == [("type-mismatch", said)]

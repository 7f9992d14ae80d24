"""Functions of numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.functions.numbers import abs_, avg, ceil, floor, number, round_, sum_
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope

SCOPE = Scope(None)


def test_a_number_of_a_text() -> None:
    assert (number.call("12.50"), number.call(5)) == (Decimal("12.5"), 5)
    for wrong, code in (("1,000", "bad-number"), (True, "type-mismatch"), ([1], "type-mismatch")):
        with pytest.raises(EvaluationError) as failed:
            number.call(wrong)
        assert failed.value.code == code


def test_rounding() -> None:
    assert [round_.call(Decimal("-2.5")), floor.call(Decimal("-2.5")), ceil.call(Decimal("-2.5"))] == [-3, -3, -2]
    assert round_.call(Decimal("2.345"), 2) == Decimal("2.35")
    assert (abs_.call(-3), abs_.call(Decimal("-0.5"))) == (3, Decimal("0.5"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sum(payload.all)", Decimal("6.5")),
        ("avg(1, 2)", Decimal("1.5")),
        ("max(payload.all)", Decimal("3.5")),
        ('min("b", "a")', "a"),
        ("sum(payload.some)", None),
        ("max(payload.some)", None),
        ("sum(payload.none)", None),
        ("sum(payload.nope)", None),
    ],
)
def test_of_a_list_with_something_missing_nothing_is_told(text: str, value: Any) -> None:
    payload = {"all": [1, 2, Decimal("3.5")], "some": [1, None], "none": []}
    assert compile_expression(text, Names()).evaluate(Scope(payload)) == value


def test_of_other_things_there_is_no_sum() -> None:
    with pytest.raises(EvaluationError, match="type-mismatch"):
        sum_.call(SCOPE, "1", 2)
    with pytest.raises(EvaluationError, match="type-mismatch"):
        avg.call(SCOPE, {"a": 1})

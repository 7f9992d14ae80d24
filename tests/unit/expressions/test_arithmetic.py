"""Exact arithmetic with bounds."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal

import pytest

from greenflash_kafka.expressions.arithmetic import (
    Number,
    add,
    divide,
    is_number,
    multiply,
    negate,
    number_of,
    read_number,
    remainder,
    rounded,
    subtract,
)
from greenflash_kafka.expressions.refusals import EvaluationError


def test_whole_numbers_stay_whole_and_exact() -> None:
    assert add(2**60, 1) == 2**60 + 1
    assert subtract(1, 2**70) == 1 - 2**70
    assert multiply(2**60, 2**60) == 2**120
    assert all(isinstance(one, int) for one in (add(1, 2), subtract(1, 2), multiply(2, 3), remainder(7, 3), negate(1)))


def test_fractions_are_decimal() -> None:
    assert add(Decimal("0.1"), Decimal("0.2")) == Decimal("0.3")
    assert divide(1, 3) == Decimal("0.3333333333333333333333333333333333")
    assert str(negate(Decimal("1.50"))) == "-1.50"


@pytest.mark.parametrize(
    ("left", "right", "rest"), [(7, 3, 1), (-7, 3, -1), (7, -3, 1), (Decimal("-7.5"), 2, Decimal("-1.5"))]
)
def test_a_remainder_has_the_sign_of_what_is_divided(left: Number, right: Number, rest: Number) -> None:
    assert remainder(left, right) == rest


@pytest.mark.parametrize(
    ("run", "code"),
    [
        (lambda: divide(1, 0), "division-by-zero"),
        (lambda: remainder(1, 0), "division-by-zero"),
        (lambda: multiply(Decimal("1e600"), Decimal("1e600")), "bad-number"),
        (lambda: add("1", 1), "type-mismatch"),
        (lambda: number_of("+", True), "type-mismatch"),
        (lambda: rounded(1, -10_000), "bad-number"),
    ],
)
def test_what_cannot_be_worked_out_is_an_error_with_its_code(run: Callable[[], Number], code: str) -> None:
    with pytest.raises(EvaluationError) as failed:
        run()
    assert failed.value.code == code


@pytest.mark.parametrize(
    ("number", "places", "result"),
    [
        (Decimal("2.345"), 2, Decimal("2.35")),
        (Decimal("-2.5"), 0, -3),
        (Decimal("2.5"), 0, 3),
        (12_345, -2, 12_300),
        (5, 2, 5),
    ],
)
def test_rounding_is_half_away_from_zero(number: Number, places: int, result: Number) -> None:
    assert rounded(number, places) == result
    assert rounded(Decimal("-2.1"), 0, ROUND_FLOOR) == -3


@pytest.mark.parametrize(
    ("text", "number"),
    [(" 12 ", 12), ("-0.5", Decimal("-0.5")), ("1e3", Decimal("1e3")), (".5", Decimal("0.5")), ("+7", 7)],
)
def test_a_text_that_writes_a_number(text: str, number: Number) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "1,000", "NaN", "0x10", "1e999", "9" * 401, "1_000", "1 2", "٣"])
def test_a_text_that_writes_none(text: str) -> None:
    assert read_number(text) is None


def test_true_is_no_number() -> None:
    assert [is_number(value) for value in (1, Decimal(1), True, "1", None)] == [True, True, False, False, False]

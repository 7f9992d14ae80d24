"""Major or minor is said without doubt only where the values prove it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.discovery.amount_units import judged
from greenflash_kafka.discovery.amounts import AmountSample, number_of, rendered
from greenflash_kafka.discovery.currencies_of_amounts import FoundCurrency

OTHER = ("payload", "price")
CURRENCY = FoundCurrency(("payload", "currency"))


def unit(name: str, values: list[Any], code: str = "EUR", *, stripe: bool = False, elsewhere: bool = False) -> str:
    """The unit of these values; with ~ before it if it is likely alone."""
    samples = [AmountSample(value, code, ()) for value in values]
    found = judged(("payload", name), CURRENCY, samples, stripe=stripe, elsewhere=elsewhere)
    return ("~" if found.likely else "") + found.unit


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("total", [Decimal("149.5"), 12], "major"),
        ("total", ["149.50", "12.00"], "major"),
        ("total", ["149.00", "12.00"], "~major"),
        ("total", [Decimal("14900.0"), Decimal("1200.0")], "?"),
        ("total", [14950, 1200, 9995], "?"),
        ("total", ["14950", "1200"], "?"),
        ("total_cents", [14950, 1200], "minor"),
        ("totalInCents", [14950], "minor"),
        ("amount_minor", [14950], "minor"),
        ("total_cents", [Decimal("149.50")], "?"),
        ("amount_micros", [14950000], "?"),
        ("unit_amount", [14950], "?"),
        ("total", ["149.505"], "?"),
        ("total", [Decimal("0.0021")], "?"),
        ("total", [Decimal("30.099999999999998")], "major"),
        ("total_cents", ["14950.00"], "?"),
        ("total", ["n/a", "12.50"], "?"),
        ("total", [Decimal("0.5"), 14950, 12000, 99900], "?"),
        ("total", [Decimal("149.5"), *range(60, 99)], "?"),
        ("total", [Decimal("149.5"), 99, 100, 1], "?"),
        ("total", [Decimal("149.5"), Decimal("1.5"), *range(60, 90)], "major"),
        ("total", [], "?"),
    ],
)
def test_units_by_names_and_digits(name: str, values: list[Any], expected: str) -> None:
    assert unit(name, values) == expected


def test_stripe_counts_in_minor_units_and_others_of_that_name_do_not_say() -> None:
    assert unit("amount", [1990], stripe=True) == "minor"
    assert unit("amount", [1990]) == "?"
    assert unit("amount", [Decimal("19.9")], stripe=True) == "?"


def test_hundredths_of_a_currency_without_any_are_not_sure() -> None:
    assert unit("total_cents", [1200], "JPY") == "?"


def test_whole_numbers_beside_digits_elsewhere_in_the_topic_are_not_sure() -> None:
    assert unit("total", [14950], elsewhere=True) == "?"


def test_another_amount_of_the_message_proves_the_unit() -> None:
    found = [AmountSample(number * 10 + 5, "EUR", ((OTHER, Decimal(number * 10 + 5) / 100),)) for number in range(9)]
    assert judged(("payload", "total"), FoundCurrency(), found, stripe=False, elsewhere=False).unit == "minor"
    cents = ("payload", "total_cents")
    found = [AmountSample(number, "EUR", ((cents, Decimal(number * 100)),)) for number in range(1, 9)]
    assert judged(("payload", "total"), FoundCurrency(), found, stripe=False, elsewhere=False).unit == "major"


def test_micros_have_one_reading_and_it_divides() -> None:
    samples = [AmountSample(4_990_000, "USD", ())]
    found = judged(("payload", "price_amount_micros"), CURRENCY, samples, stripe=False, elsewhere=False)
    assert [call for _, call in found.readings] == [
        'money_major(number(payload.price_amount_micros) / 1000000, payload.currency, round="half_up")'
    ]
    assert found.shown("4990000", "USD", "?") == "4.99 USD"


def test_amounts_are_rendered_each_way() -> None:
    assert rendered("14950", "EUR", "minor") == "149.50 EUR"
    assert rendered("14950", "EUR", "major") == "14,950.00 EUR"
    assert rendered("1200", "JPY", "minor") == "1,200 JPY"
    assert number_of("12,50") == Decimal("12.50")
    assert number_of(True) is None

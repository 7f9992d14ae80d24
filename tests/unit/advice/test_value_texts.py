"""Amounts whose currency or separators are written into the value."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import Finding

Advice = Callable[[str, str], tuple[Finding, ...]]


@pytest.mark.parametrize(
    ("value", "code", "hint"),
    [
        ('"$100"', "amount-as-text", "value: 100, value_type: currency, and properties: {currency: USD}"),
        ('"EUR 5"', "amount-as-text", "value: 5, value_type: currency, and properties: {currency: EUR}"),
        ('"12,50 €"', "amount-as-text", "value: 12.50,"),
        ("1,234", "amount-as-text", "value: 1234"),
        ('"1.234,50"', "amount-as-text", "value: 1234.50"),
        ("$payload.status", "amount-as-text", "value: = payload.status"),
        ("'= concat(\"$\", payload.total)'", "amount-as-text", 'value: = money_major(payload.<amount>, "USD")'),
        ('\'= join([payload.total, "EUR"], " ")\'', "amount-as-text", 'money_major(payload.<amount>, "EUR")'),
        ("= payload.order.total", "bare-amount", "= money_major(payload.order.total, payload.currency)"),
    ],
)
def test_an_amount_in_a_text_is_noticed(advice: Advice, value: str, code: str, hint: str) -> None:
    (found,) = advice('value: "1"', f"value: {value}")
    assert (found.line, found.column, found.code) == (10, 14, code)
    assert hint in found.hint


@pytest.mark.parametrize(
    "value",
    [
        '"149.00"',
        "5",
        "ABC 12",
        "Pro plan",
        "a, b",
        "= number(payload.total)",
        "= payload.plan",
        '= concat(payload.plan, "-", payload.size)',
        "= payload.total\n      value_type: numeric",
    ],
)
def test_other_values_are_not_spoken_of(advice: Advice, value: str) -> None:
    assert [each.describe() for each in advice('value: "1"', f"value: {value}")] == []

"""Amounts beside other fields of the samples."""

from __future__ import annotations

import pytest

from tests.unit.cases.sample_advice.conftest import ORDER, Advice

RULE = "  - {{name: r, when: {{type: order.paid}}, event: {{value: '= {value}', properties: {{currency: EUR}}}}}}\n"


@pytest.mark.parametrize(
    ("value", "changed", "hint"),
    [
        ('money_major(payload.amount_cents, "EUR")', {}, "money_minor(...)"),
        ('money_major(payload.amount, "EUR")', {"amount": 14900}, "money_minor(...)"),
        ('money_minor(payload.euros, "EUR")', {"euros": 149}, "money_major(...)"),
        ('money_minor(payload.euros, "EUR")', {"euros": 149, "total": None}, "money_major(...)"),
    ],
)
def test_an_amount_that_is_a_hundred_times_another_field(
    value: str, changed: dict[str, object], hint: str, advice: Advice
) -> None:
    (found,) = advice(RULE.format(value=value), {**ORDER, **changed}, {**ORDER, **changed})
    assert (found.code, found.severity, found.hint) == ("hundredfold-amount", "warning", hint)


@pytest.mark.parametrize(
    ("value", "changed"),
    [
        ('money_minor(payload.amount_cents, "EUR")', {}),
        ('money_major(payload.total, "EUR")', {}),
        # A price and a hundred pieces.
        ('money_major(payload.amount, "EUR")', {"amount": 14900, "quantity": 100}),
        ('money_major(payload.amount, "EUR")', {"amount": 14900, "total": None}),
        ('money_minor(payload.amount, "EUR")', {"amount": 14900, "total": 149, "amount_cents": None}),
        ('money_major(payload.amount, "EUR")', {"amount": 0, "total": "0.00"}),
    ],
)
def test_an_amount_without_clear_evidence(value: str, changed: dict[str, object], advice: Advice) -> None:
    assert advice(RULE.format(value=value), {**ORDER, **changed}) == []


def test_all_samples_have_to_show_it(advice: Advice) -> None:
    rules = RULE.format(value='money_major(payload.amount, "EUR")')
    assert advice(rules, {**ORDER, "amount": 14900}, {**ORDER, "amount": 149}) == []

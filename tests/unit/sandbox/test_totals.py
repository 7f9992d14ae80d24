"""Sums over events, exact whatever is added."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.model.event_money import NO_CURRENCY
from greenflash_kafka.sandbox.totals import Totals


def paid(value: str, currency: object = "eur", **fields: Any) -> dict[str, Any]:
    properties = {} if currency is None else {"currency": currency}
    return {"eventType": "paid", "value": value, "valueType": "currency", "properties": properties, **fields}


def test_money_is_summed_by_currency_and_never_rounded() -> None:
    totals = Totals()
    for value in ("0.1", "0.2", "100000000000000000000000000000000", "0.00000000000000000001"):
        totals.add(paid(value))
    totals.add(paid("5", "USD"))
    totals.add({**paid("7", "EUR"), "eventType": "refund"})
    assert totals.money() == {
        "EUR": Decimal("100000000000000000000000000000007.30000000000000000001"),
        "USD": Decimal(5),
    }
    assert totals.by_type["refund"].money == {"EUR": Decimal(7)}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "much", "", "1e999", "9" * 61])
def test_what_is_no_amount_is_counted_and_adds_nothing(value: str) -> None:
    totals = Totals()
    totals.add(paid(value))
    assert (totals.money(), totals.counts()) == ({}, {"paid": 1})


@pytest.mark.parametrize("currency", [None, "", 5, ["eur"]])
def test_money_without_a_currency_stands_by_itself(currency: object) -> None:
    totals = Totals()
    totals.add(paid("1", currency))
    assert totals.money() == {NO_CURRENCY: Decimal(1)}


def test_an_event_without_an_influence_is_neutral_and_other_values_are_no_money() -> None:
    totals = Totals()
    for influence in ("positive", "negative", "negative", "negative", "neutral"):
        totals.add({"eventType": "a", "value": "1", "influence": influence})
    totals.add({"eventType": "b", "value": "1"})
    assert totals.influence() == {"positive": 1, "neutral": 2, "negative": 3}
    assert (totals.counts(), totals.money()) == ({"a": 5, "b": 1}, {})

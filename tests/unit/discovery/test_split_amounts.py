"""Amounts in two numbers are one exact amount: units and nanos, dollars and cents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.discover_files import proposed_files
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot
from tests.unit.discovery import two_field_payloads
from tests.unit.discovery.test_study import proposed, studied
from tests.unit.discovery.varied_messages import BEGAN


def _paid(**amounts: Any) -> list[dict[str, Any]]:
    """Orders with amounts of one value each, taken in turn."""
    count = max(len(values) for values in amounts.values())
    return [
        {"id": f"o{number}", "type": "order.paid", "at": BEGAN + number, **_taken(amounts, number % count)}
        for number in range(60)
    ]


def _taken(amounts: dict[str, Sequence[Any]], at: int) -> dict[str, Any]:
    return {name: values[at % len(values)] for name, values in amounts.items()}


def test_units_and_nanos_are_summed_exactly_whatever_is_left_out(tmp_path: Path) -> None:
    payloads = [two_field_payloads.money(number) for number in range(120)]
    found = proposed_files(studied(payloads), "shop", "a sample", None, {})
    assert (found.errors, found.warnings, found.passed) == ((), 0, True)
    (tmp_path / "shop.yaml").write_text(found.proposal.text.replace("draft: true", "draft: false"))
    loaded = load([tmp_path], {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"})
    assert loaded.ruleset is not None
    resolver = Resolver(Snapshot(loaded.ruleset, EvaluationContext()))
    sums: list[Decimal] = []
    for number, payload in enumerate(payloads):
        outcome = resolver.outcome(Message("a.topic", 0, number, BEGAN, None, json.dumps(payload).encode()))
        assert outcome.problems == ()
        for event in outcome.events:
            body = json.loads(event.body)
            if body["valueType"] == "currency":
                total = payload["total"]
                expected = Decimal(total.get("units", "0")) + Decimal(total.get("nanos", 0)) / 1_000_000_000
                assert Decimal(body["value"]) == expected
                assert body["properties"]["currency"] == total["currencyCode"]
                sums.append(expected)
    assert len(sums) == 96
    assert sum(sums) > 0


TOTALS = {
    "as Protobuf's JSON has it": (
        [{"currencyCode": "EUR", "units": "12", "nanos": 990_000_000}, {"currencyCode": "EUR", "units": "3"}],
        "= money_major(coalesce(number(payload.total.units), 0) + coalesce(payload.total.nanos, 0) / 1000000000, "
        "payload.total.currencyCode)  # 12.99 EUR, 3.00 EUR; units are major units, nanos are parts: "
        "1,000,000,000 to one",
    ),
    "negative": (
        [{"currency_code": "EUR", "units": -12, "nanos": -990_000_000}],
        "= money_major(coalesce(payload.total.units, 0) + coalesce(payload.total.nanos, 0) / 1000000000, "
        "payload.total.currency_code)  # -12.99 EUR;",
    ),
    "finer than the currency": (
        [{"currencyCode": "USD", "units": "0", "nanos": 1_234_567}],
        'payload.total.currencyCode, round="half_up")  # ? 0.00 USD; units are major units, nanos are parts: '
        "1,000,000,000 to one; finer than the currency, so rounded",
    ),
    "no message has nanos": (
        [{"currencyCode": "EUR", "units": "12"}, {"currencyCode": "JPY", "units": "1200"}],
        "coalesce(payload.total.nanos, 0) / 1000000000, payload.total.currencyCode)  # ? 12.00 EUR, 1,200 JPY; "
        "units beside a currency alone: no message has nanos",
    ),
    "dollars and cents": (
        [{"dollars": 12, "cents": 99, "currency": "USD"}, {"dollars": 3, "cents": 5, "currency": "USD"}],
        "= money_minor(coalesce(payload.total.dollars, 0) * 100 + coalesce(payload.total.cents, 0), "
        "payload.total.currency)  # ? 12.99 USD, 3.05 USD; dollars are major units, cents are parts: 100 to one",
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", TOTALS)
def test_forms_of_amounts_in_two_numbers(form: str) -> None:
    totals, line = TOTALS[form]
    found = proposed_files(studied(_paid(total=totals)), "shop", "a sample", None, {})
    assert f"      value: {line}" in found.proposal.text or line in found.proposal.text, found.proposal.text
    assert (found.errors, found.warnings, found.passed) == ((), 0, True)
    assert found.mapped == found.tried


def test_numbers_with_a_common_name_are_a_pair() -> None:
    text = proposed(_paid(price_units=[12, 3], price_nanos=[990_000_000, 0], currency=["EUR"]))
    assert "coalesce(payload.price_units, 0) + coalesce(payload.price_nanos, 0) / 1000000000, payload.currency)" in text


def test_an_amount_whose_currency_stands_elsewhere_needs_its_units() -> None:
    """Else a message without any amount would be one of 0."""
    text = proposed(_paid(total=[{"units": 12, "nanos": 5 * 10**8}], currency=["EUR"]))
    assert "money_major(payload.total.units + coalesce(payload.total.nanos, 0) / 1000000000, payload.currency)" in text


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        # Cents that are the whole amount, and cents of which some currencies have none.
        (
            [{"units": 3, "cents": 1299, "currency": "EUR"}],
            "= money_minor(payload.total.cents, payload.total.currency)",
        ),
        ([{"dollars": 3, "cents": 9, "currency": "JPY"}], "value: 1  "),
        # A number of things, whole seconds, and nothing that is known.
        ([{"units": 3, "currency": "EUR", "sku": "a"}], "value: 1  "),
        ([{"seconds": 3, "nanos": 5, "currency": "EUR"}], "value: 1  "),
    ],
)
def test_what_is_no_amount_in_two_numbers(total: list[dict[str, Any]], expected: str) -> None:
    text = proposed(_paid(total=total))
    assert expected in text
    assert "nanos" not in text


def test_an_amount_beside_its_own_units_and_nanos_is_the_one_number() -> None:
    """As our Protobuf has google.type.Money. Whole units alone are not the same amount."""
    total = [{"amount": 12.99, "units": 12, "nanos": 990_000_000, "currency_code": "EUR"}]
    text = proposed(_paid(total=total))
    assert "value: = money_major(payload.total.amount, payload.total.currency_code)" in text
    assert "payload.total.units" not in text

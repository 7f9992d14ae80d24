"""Money says its unit: ISO 4217's digits, Stripe's exceptions, nothing guessed and nothing cut."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.values import Money


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ('money_minor(5, "EUR")', "0.05"),
        ('money_minor(-5, "EUR")', "-0.05"),
        ('money_minor(0, "EUR")', "0.00"),
        ('money_minor(100.0, "EUR")', "1.00"),
        ('money_minor("5", "eur")', "0.05"),
        ('money_minor(500, "UGX")', "500"),
        ('money_minor(12345, "CLF")', "1.2345"),
        ('money_minor(1, "BHD")', "0.001"),
        ('money_minor(149.5, "EUR", round="half_up")', "1.50"),
        ('money_minor(-149.5, "EUR", round="half_up")', "-1.50"),
        ('money_minor(currency="EUR", amount=7)', "0.07"),
        # https://docs.stripe.com/currencies
        ('money_minor(500, "MGA", provider="stripe")', "500.00"),
        ('money_minor(500, "ISK", provider="stripe")', "5"),
        ('money_minor(500, "UGX", provider="stripe")', "5"),
        ('money_minor(150, "ISK", provider="stripe", round="half_up")', "2"),
        ('money_minor(-150, "ISK", provider="stripe", round="half_up")', "-2"),
        ('money_minor(1000, "HUF", provider="stripe")', "10.00"),
        ('money_minor(80045, "TWD", provider="stripe")', "800.45"),
        ('money_minor(5120, "KWD", provider="stripe")', "5.120"),
        ('money_minor(500, "JPY", provider="stripe")', "500"),
        ('money_major(1, "EUR")', "1.00"),
        ('money_major(1.0000, "JPY")', "1"),
        ('money_major(1e3, "EUR")', "1000.00"),
        ('money_major(149.505, "EUR", round="half_up")', "149.51"),
        ('money_major(-149.505, "EUR", round="half_up")', "-149.51"),
        ('money_major(0.004, "EUR", round="half_up")', "0.00"),
        ('money_major("-0.00", "EUR")', "0.00"),
        (
            'money_major("12345678901234567890123456789012345678901234567890.5", "EUR")',
            "12345678901234567890123456789012345678901234567890.50",
        ),
        ('money_major(1200, "ISK", provider="stripe")', "1200"),
    ],
)
def test_amount(text: str, amount: str, value_of: Callable[[str], Any]) -> None:
    money = value_of(text)
    assert isinstance(money, Money)
    assert money == amount
    assert money.currency in text.upper()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('money_minor("5.0", "EUR")', "bad-money"),
        ('money_minor("1,200", "EUR")', "bad-money"),
        ('money_minor("", "EUR")', "bad-money"),
        ('money_minor(true, "EUR")', "type-mismatch"),
        ("money_minor(5, 978)", "type-mismatch"),
        ('money_minor(5, "")', "bad-money"),
        ('money_minor(5, "XAU")', "bad-money"),
        ('money_minor(5, " usd")', "bad-money"),
        ('money_major(5, "USD ")', "bad-money"),
        ('money_minor(" 5 ", "EUR")', "bad-money"),
        ('money_major("5.00\\n", "EUR")', "bad-money"),
        ('money_minor(5, "€")', "bad-money"),
        ('money_minor(150, "ISK", provider="stripe")', "bad-money"),
        ('money_minor(5, "EUR", provider="paypal")', "bad-literal"),
        ('money_minor(5, "EUR", round="up")', "bad-literal"),
        ("money_minor(5)", "arguments"),
        ('money_minor(5, "EUR", currency="EUR")', "arguments"),
        ('money_major(149.505, "EUR")', "bad-money"),
        ('money_major("$149", "EUR")', "bad-money"),
        ('money_major("149,50", "EUR")', "bad-money"),
        ('money_major("1e3", "EUR")', "bad-money"),
        ('money_major("NaN", "EUR")', "bad-money"),
        ('money_major(1e-399, "EUR")', "bad-money"),
        ('money_major(1e399, "EUR")', "bad-money"),
    ],
)
def test_refused(text: str, code: str, compiled: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compiled(text)
    assert [refusal.code for refusal in refused.value.refusals] == [code]


def test_what_lint_can_say_about_money(compiled: Callable[[str], Any]) -> None:
    def codes(text: str) -> list[str]:
        return [remark.code for remark in compiled(text).remarks]

    assert codes('money_minor(payload.a, "EUR")') == []
    assert codes("payload.a / 100") == ["divided-by-100"]
    assert codes("payload.a * 0.01") == ["divided-by-100"]
    assert codes('money_major(payload.a / 100, "EUR")') == ["divided-by-100"]
    assert codes('money_minor(payload.a, "EUB")') == ["unknown-currency"]
    branches = 'money_minor(payload.a, "EUR") if payload.b == 1 else money_minor(payload.a, "USD")'
    assert codes(branches) == ["mixed-currencies"]
    first = 'coalesce(money_minor(payload.a, "EUR"), money_minor(payload.a, "USD"))'
    assert codes(first) == ["mixed-currencies"]
    assert codes('money_minor(payload.a, "EUR") > money_minor(payload.b, "EUR")') == ["type-mismatch"]
    assert compiled('money_minor(payload.a, "ERU")').remarks[0].hint == "EUR"
    assert compiled('money_minor(payload.a, "usd ")').remarks[0].hint == "USD"
    assert compiled('money_minor(payload.a, "eur")').currency == "EUR"
    assert compiled("money_minor(payload.a, payload.currency)").currency is None
    assert compiled("payload.a / 100").remarks[0].hint == "money_minor(payload.a, currency)"


@pytest.mark.parametrize(
    "text",
    [
        'money_minor(payload.amount, "EUR") > "9.00"',
        'money_major(10, "EUR") < money_minor(payload.amount, "EUR")',
        'max([money_minor(payload.amount, "EUR"), money_minor(payload.yen, "EUR")])',
        'sort([money_minor(payload.amount, "EUR"), money_minor(payload.yen, "EUR")])',
    ],
)
def test_money_is_never_ordered_by_its_letters(text: str, value_of: Callable[[str], Any]) -> None:
    with pytest.raises(EvaluationError) as failed:
        value_of(text)
    assert failed.value.code == "type-mismatch"


PREPARED: Final = {None: None, "stripe": FUNCTIONS["money_minor"].parameters[2].type.prepare("stripe")}  # type: ignore[misc]
AMOUNTS = st.one_of(
    st.integers(-(10**6), 10**6),
    st.sampled_from([10**399, 10**400, 10**15, 10**398, -1]),
    st.decimals(-(10**6), 10**6, places=2),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.sampled_from([True, "x", "", Decimal("-0.00"), Decimal("0.10"), Decimal("1E+2"), Decimal("1.50E-7")]),
)


@settings(max_examples=300, deadline=None)
@given(AMOUNTS, st.sampled_from([*EXPONENTS, "eur", " EUR ", "XXX"]), st.sampled_from([None, "stripe"]), st.booleans())
def test_the_amount_alone_is_the_amount_of_the_money(amount: Any, currency: str, provider: Any, half_up: bool) -> None:
    def outcome(run: Callable[..., Any]) -> str:
        try:
            return str(run(amount, currency, PREPARED[provider], "half_up" if half_up else None))
        except EvaluationError as error:
            return f"{error.code}: {error.message}"

    for name in ("money_minor", "money_major"):
        function = FUNCTIONS[name]
        assert function.run_text is not None
        assert outcome(function.run_text) == outcome(function.run)

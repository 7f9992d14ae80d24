"""Hints for money that is refused: blanks, and an amount with a decimal point where minor units are read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from greenflash_kafka.expressions.functions.currencies import EXPONENTS

FUNCTIONS = frozenset({"money_minor", "money_major"})


def amount_hint(function: str, written: Mapping[str, str], values: Mapping[str, object]) -> str:
    """What to write, or to look at, in place of a call; "" if nothing is known. Both mappings have `amount` and
    `currency`: as they are written, and their values."""
    amount, currency = values.get("amount"), values.get("currency")
    if isinstance(currency, str) and currency.upper() not in EXPONENTS:
        if currency.strip().upper() not in EXPONENTS:
            return ""
        return f"trim({written['currency']}) takes the blanks away, here and in properties.currency"
    if isinstance(amount, str) and amount.strip() != amount:
        return f"trim({written['amount']}) takes the blanks away"
    if function == "money_minor" and isinstance(amount, str | Decimal) and "." in str(amount):
        call = f"money_major({written['amount']}, {written['currency']})"
        return (
            "look at other messages first: if their amounts have a decimal point, too, they are in major units, "
            f"{call}; if this one alone has, ask the source"
        )
    return ""

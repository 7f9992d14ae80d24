"""The money of an event: its amount and currency, as everybody counts it who sums events up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any, Final

EXACT: Final = Context(prec=400)
"""Enough digits that no sum is ever rounded; Python's default of 28 would round silently."""

NO_CURRENCY: Final = "?"
"""The currency of an amount whose event names none in `properties.currency`."""

OTHER: Final = "other-"
"""With this the name begins of a currency that isn't shown."""

_LONGEST: Final = 60
_CODE: Final = re.compile("[A-Z]{3,4}")


def amount_of(value_type: object, value: str) -> Decimal | None:
    """The amount of money of an event with this `valueType` and `value`; None when it is no money, or too long to
    be."""
    return _exact(value) if value_type == "currency" else None


def number_of(value_type: object, value: str) -> Decimal | None:
    """The number that such an event has, which is no money; None if it has none, or one too long to be summed."""
    return _exact(value) if value_type == "numeric" else None


def _exact(value: str) -> Decimal | None:
    if len(value) > _LONGEST:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) <= _LONGEST else None


def currency_of(properties: Mapping[str, Any] | None) -> str:
    """The currency that an event's `properties` name, in capitals, or NO_CURRENCY."""
    currency = properties.get("currency") if properties else None
    return currency.upper()[:8] if isinstance(currency, str) and currency else NO_CURRENCY


def currency_name(currency: object) -> str:
    """The same of `properties.currency` itself, for reports that show no values of messages: what has not the shape of
    a code is told apart, and not shown."""
    if not isinstance(currency, str) or not currency:
        return NO_CURRENCY
    code = currency.upper()
    return code if _CODE.fullmatch(code) else f"{OTHER}{blake2b(code.encode(), digest_size=2).hexdigest()}"


def unshown(currency: str, example: str) -> str:
    """What the name of a currency is that isn't shown, and a message (`topic/partition/offset`) that has it."""
    return f"{currency}: a currency that isn't a code of 3 or 4 letters; the name is its hash; for example {example}"

"""Functions of money. An amount's text has as many digits as its currency; nothing is guessed or cut off."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.expressions.arithmetic import Number, rounded
from greenflash_kafka.expressions.functions.argument_types import (
    Amount,
    ArgumentType,
    BadLiteral,
    mismatch,
    one_of,
    text_of,
)
from greenflash_kafka.expressions.functions.currencies import EXPONENTS, PROVIDERS
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.values import Money

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,400}")
_MOST_DIGITS: Final = 400
_MOST: Final = 10**_MOST_DIGITS
_PLENTY: Final = 10**15
_PLAIN: Final = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?")


class _Counting(msgspec.Struct, frozen=True):
    """In which digits somebody counts minor units, and the codes, as they are mostly written, that have two of them
    and two of ISO's."""

    digits: Mapping[str, int]
    hundredths: frozenset[str]


def _counting(digits: Mapping[str, int]) -> _Counting:
    twos = [code for code in EXPONENTS if digits[code] == EXPONENTS[code] == 2]
    return _Counting(digits, frozenset(written for code in twos for written in (code, code.lower())))


_ISO: Final = _counting(EXPONENTS)
_PROVIDERS: Final = {name: _counting(digits) for name, digits in PROVIDERS.items()}
_CENTS: Final = tuple(f".{cents:02d}" for cents in range(100))

_CODES: Final = {written: code for code in EXPONENTS for written in (code, code.lower())}


def _currency(function: str, currency: object) -> str:
    code = _CODES.get(currency) if currency.__class__ is str else None
    if code is None:
        code = text_of(function, currency).upper()
        if code not in EXPONENTS:
            # With blanks it would be another currency wherever the event names it.
            blanks = f"{function} takes no blanks around a currency; write trim(...) here, and where the event names it"
            said = f"{function} doesn't know this currency; it takes ISO 4217 codes like EUR"
            raise EvaluationError("bad-money", blanks if code.strip() in EXPONENTS else said)
    return code


def _amount(function: str, value: object, pattern: re.Pattern[str], wanted: str) -> Number:
    if value.__class__ is int or isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise mismatch(function, "a number or text of one", value)
    if not pattern.fullmatch(value):
        raise EvaluationError("bad-money", f"{function} takes {wanted}, not this text")
    return Decimal(value) if "." in value else int(value)


def _written(function: str, whole: int, code: str) -> tuple[str, str]:
    """Minor units, by ISO's digits, as text; and the currency."""
    digits = EXPONENTS[code]
    if not -_MOST < whole < _MOST:
        raise EvaluationError("bad-money", f"{function} takes amounts of at most 400 digits")
    text = str(whole) if whole >= 0 else str(-whole)
    if digits:
        if len(text) <= digits:
            text = text.rjust(digits + 1, "0")
        text = f"{text[:-digits]}.{text[-digits:]}"
    return text if whole >= 0 else f"-{text}", code


def minor_text(amount: Any, currency: object, provider: Any = None, round: Any = None) -> str:
    """What `money_minor` gives, without its currency."""
    usual = (_ISO if provider is None else provider).hundredths
    if amount.__class__ is int and currency.__class__ is str and 0 <= amount < _MOST and currency in usual:
        # Cents nearly always; the rest, and everything that is wrong, is worked out below.
        return f"{amount // 100}{_CENTS[amount % 100]}"
    return _minor(amount, currency, provider, round)[0]


def _minor(amount: object, currency: object, provider: Any, round: Any) -> tuple[str, str]:
    code = _currency("money_minor", currency)
    shift = 0 if provider is None else provider.digits[code] - EXPONENTS[code]
    if amount.__class__ is int and not shift:
        return _written("money_minor", amount, code)
    given = _amount("money_minor", amount, _WHOLE, 'whole minor units, like 14950 or "14950"')
    if round is None and given != rounded(given, 0):
        advice = 'write money_major for major units, or round="half_up"'
        raise EvaluationError("bad-money", f"money_minor takes whole minor units, not parts of one; {advice}")
    if shift <= 0:
        return _written("money_minor", int(rounded(given, 0)) * 10**-shift, code)
    # The provider writes digits that the currency doesn't have.
    whole = int(rounded(given, -shift)) // 10**shift
    if round is None and whole * 10**shift != given:
        raise EvaluationError("bad-money", f'this amount has more digits than {code} has; say round="half_up"')
    return _written("money_minor", whole, code)


def major_text(amount: Any, currency: object, provider: Any = None, round: Any = None) -> str:
    """What `money_major` gives, without its currency."""
    if currency.__class__ is str and currency in _ISO.hundredths:
        if amount.__class__ is int and 0 <= amount < _PLENTY:
            return f"{amount}.00"
        text = str(amount) if amount.__class__ is Decimal else ""
        if text[-3:-2] == "." and text[0] != "-" and len(text) < _MOST_DIGITS:
            # Two digits after the point, and so no exponent: it is written as it should be.
            return text
    return _major(amount, currency, provider, round)[0]


def _major(amount: object, currency: object, _provider: Any, round: Any) -> tuple[str, str]:
    code = _currency("money_major", currency)
    given = _amount("money_major", amount, _PLAIN, 'major units, like 149.5 or "149.50"')
    digits = EXPONENTS[code]
    fixed = rounded(given, digits)
    if round is None and fixed != given:
        said = f'this amount has more digits than {code} has; round it, or say round="half_up"'
        raise EvaluationError("bad-money", said)
    # Scaling by a format, not by arithmetic: no context may cut a digit.
    whole = fixed * 10**digits if isinstance(fixed, int) else int(format(fixed, f".{digits}f").replace(".", ""))
    return _written("money_major", whole, code)


def _provider(name: str) -> Any:
    if name not in PROVIDERS:
        raise BadLiteral(f"provider is one of: {', '.join(PROVIDERS)}; others count by ISO 4217", "leave it out")
    return _PROVIDERS[name]


def _rounding(name: str) -> str:
    if name != "half_up":
        raise BadLiteral('round is "half_up" or left out', '"half_up"')
    return name


def _review(currency: str) -> tuple[str, str, str | None] | None:
    code = currency.upper()
    if code in EXPONENTS:
        return None
    code = code.strip()
    swapped = next((known for known in EXPONENTS if sorted(known) == sorted(code)), None)
    near = (swapped or closest_word(code, EXPONENTS)) if re.fullmatch("[A-Z]{2,4}", code) else None
    return "unknown-currency", "this is no ISO 4217 currency: every message will be bad-money", near


Currency: TypeAlias = Annotated[
    Any, ArgumentType(("text",), words="an ISO 4217 code like EUR", review=_review, currency=True)
]
Provider: TypeAlias = Annotated[
    Any, ArgumentType(("text",), words=" or ".join(f'"{name}"' for name in PROVIDERS), literal=True, prepare=_provider)
]
Rounding: TypeAlias = Annotated[Any, ArgumentType(("text",), words='"half_up"', literal=True, prepare=_rounding)]
Units: TypeAlias = Annotated[Any, one_of("number", "text")]
"""The functions check what messages bring themselves: these calls are most of a rule's work."""


@function(
    example='money_minor(14950, "EUR")',
    gives='"149.50"',
    fails={'money_minor(149.5, "EUR")': "bad-money", 'money_minor(14950, "euros")': "bad-money"},
    run_text=minor_text,
)
def money_minor(
    amount: Units, currency: Currency, provider: Provider | None = None, round_: Rounding | None = None
) -> Amount:
    """The amount of whole minor units (cents), by ISO 4217, or as a provider ("stripe") counts them.

    Parts of a minor unit are the problem `bad-money`, unless `round` is "half_up". So are an unknown currency, blanks
    around an amount or a currency, and a text with a decimal point: `"250.00"` is how major units are written.
    """
    return Money(*_minor(amount, currency, provider, round_))


@function(
    example='money_major("149.5", "EUR")',
    gives='"149.50"',
    fails={'money_major(149.505, "EUR")': "bad-money"},
    run_text=major_text,
)
def money_major(
    amount: Units, currency: Currency, provider: Provider | None = None, round_: Rounding | None = None
) -> Amount:
    """The amount of major units (euros), with the currency's digits.

    More digits than the currency has are the problem `bad-money`, unless `round` is "half_up". So are an unknown
    currency, and blanks around an amount or a currency. Major units are the same with any `provider`.
    """
    return Money(*_major(amount, currency, provider, round_))

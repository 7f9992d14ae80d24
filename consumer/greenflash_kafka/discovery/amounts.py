"""Paths that hold amounts of money, and the unit of each: major (euros), minor (cents), or not known.

A unit that isn't sure is never guessed: who reads the proposal decides it, with real amounts before his eyes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from statistics import median
from typing import Final, Literal

import msgspec

from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import PathValues, follow, path_text, words_of
from greenflash_kafka.discovery.topic_documents import Document
from greenflash_kafka.rules.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.rules.expressions.paths import Steps

Unit = Literal["major", "minor", "?"]

_AMOUNT: Final = {
    "amount": 1.0, "total": 1.0, "revenue": 0.9, "price": 0.8, "value": 0.5, "paid": 0.8, "cost": 0.6, "sum": 0.7,
    "due": 0.6, "charge": 0.5, "cents": 0.6, "subtotal": 0.5, "refund": 0.7, "refunded": 0.7, "mrr": 0.6, "arr": 0.5,
    "payment": 0.5, "gross": 0.7, "net": 0.5, "money": 0.6, "minor": 0.6, "pence": 0.6, "micros": 0.4,
}  # fmt: skip
_LESS: Final = {
    "tax": 0.6, "shipping": 0.6, "discount": 0.6, "discounts": 0.6, "fee": 0.5, "fees": 0.5, "tip": 0.6, "sub": 0.3,
    "subtotal": 0.3, "balance": 0.5, "remaining": 0.4, "overpaid": 0.6, "duties": 0.7, "outstanding": 0.5,
    "previous": 0.7, "old": 0.6, "estimated": 0.5, "weight": 2.0, "percent": 2.0, "percentage": 2.0, "rate": 1.0,
    "items": 0.8, "count": 2.0, "quantity": 2.0, "score": 2.0, "tokens": 2.0, "seats": 2.0, "steps": 2.0, "id": 2.0,
    "time": 2.0, "at": 2.0, "date": 2.0, "days": 2.0, "attempts": 2.0, "number": 1.0, "ms": 2.0, "seconds": 2.0,
    "requested": 0.1, "capturable": 0.5, "excluding": 0.4, "application": 0.6, "minutes": 2.0, "key": 2.0,
}  # fmt: skip
_MINOR: Final = frozenset(("cents", "cent", "minor", "pence", "minorunits"))
_OTHER_UNIT: Final = frozenset(("micros", "micro", "nanos", "millis", "thousandths", "mills"))
_STRIPES: Final = frozenset(("amount", "unit"))
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d+)?")
_COMMA: Final = re.compile(r"-?\d{1,15},\d{1,4}")
_FEW: Final = 3


class AmountSample(msgspec.Struct, frozen=True):
    """What is looked at of one document: the amount as it is, its currency, and other amounts beside it."""

    value: object
    currency: str
    beside: tuple[tuple[Steps, Decimal], ...]


class Amount(msgspec.Struct, frozen=True):
    """A path with an amount. `evidence` says in words why the unit is known, or isn't; `share` is the part of values
    that bear it out. `currency` is the path of its currency, None if there is none; `examples` are values with their
    currencies; `comma`: texts with a decimal comma; `provider` counts by itself ("stripe")."""

    way: Steps
    unit: Unit
    evidence: str
    currency: Steps | None
    share: float = 1.0
    examples: tuple[tuple[str, str], ...] = ()
    comma: bool = False
    provider: str = ""
    rounds: bool = False

    def call(self, unit: Unit) -> str:
        """The call that reads the amount in this unit."""
        path = path_text(self.way)
        read = f'replace({path}, ",", ".")' if self.comma else path
        currency = path_text(self.currency) if self.currency is not None else '"EUR"'
        more = f', provider="{self.provider}"' if self.provider and unit == "minor" else ""
        more += ', round="half_up"' if self.rounds else ""
        return f"money_{unit}({read}, {currency}{more})"


def amount_candidates(table: PathTable) -> list[PathValues]:
    """Paths that may be an amount by their words and values, the likeliest first."""
    found = []
    for each in table.paths.values():
        if each.in_a_list or each.way[0] in ("kafka", "envelope"):
            continue
        score = amount_score(each.way)
        if score > 0.2 and _are_numbers(each) and table.share(each.way) >= 0.5:
            found.append((score + 0.3 * table.share(each.way), each))
    return [each for _, each in sorted(found, key=lambda pair: (-pair[0], len(pair[1].way), pair[1].way))][:12]


def amount_score(way: Steps) -> float:
    """How surely a path's name says that it is *the* amount of the fact."""
    last = words_of((way[0], way[-1]))
    above = words_of((way[0], way[-2])) if len(way) > 2 else ()
    best = max((_AMOUNT.get(word, 0.0) for word in last), default=0.0)
    if best < 0.6:
        # {"price": {"value": 1999}}, {"total": {"amount": ...}}
        best = max(best, *(0.9 * _AMOUNT.get(word, 0.0) for word in above), 0.0) if best else 0.0
    less = sum(_LESS.get(word, 0.0) for word in last) + 0.5 * sum(_LESS.get(word, 0.0) for word in above)
    return best - less - 0.04 * (len(way) - 2) if best else 0.0


def _are_numbers(found: PathValues) -> bool:
    if found.is_mostly("integer", "number"):
        return True
    if not found.is_mostly("text", "integer", "number"):
        return False
    fitting = sum(count for text, count in found.values.items() if _NUMBER.fullmatch(text) or _COMMA.fullmatch(text))
    return fitting >= 0.95 * sum(found.values.values())


def sample_of(document: Document, way: Steps, currency: Steps | None, others: Sequence[Steps]) -> AmountSample | None:
    """What a document says of the amount at `way`; None if it has none."""
    value = follow(document.roots, way)
    if value is None or isinstance(value, bool | dict | list):
        return None
    code = follow(document.roots, currency) if currency is not None else None
    beside = ((other, number_of(follow(document.roots, other))) for other in others if other != way)
    return AmountSample(
        value, code.upper() if isinstance(code, str) else "", tuple((other, n) for other, n in beside if n is not None)
    )


def number_of(value: object) -> Decimal | None:
    """A value as a number; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, str) and (_NUMBER.fullmatch(value) or _COMMA.fullmatch(value)):
        try:
            return Decimal(value.replace(",", "."))
        except InvalidOperation:
            return None
    return None


def judged(
    way: Steps, currency: Steps | None, samples: Sequence[AmountSample], *, stripe: bool, elsewhere: bool
) -> Amount:
    """The amount at `way`, with its unit as far as the values say it. `stripe`: the messages are Stripe's, who counts in
    minor units; `elsewhere`: this path has fractions in other messages of the topic."""
    numbers = [(number, each) for each in samples if (number := number_of(each.value)) is not None]
    examples = _examples(numbers)
    comma = any(isinstance(each.value, str) and "," in each.value for _, each in numbers)
    whole = [number for number, _ in numbers if number == number.to_integral_value()]
    parts = [number for number, _ in numbers if number != number.to_integral_value()]
    words = set(words_of((way[0], way[-1]))) | (set(words_of((way[0], way[-2]))) if len(way) > 2 else set())
    rounds = any(isinstance(each.value, Decimal) and _too_fine(number, each.currency) for number, each in numbers)

    def found(unit: Unit, evidence: str, share: float = 1.0, provider: str = "") -> Amount:
        return Amount(way, unit, evidence, currency, share, examples, comma, provider, rounds)

    if not numbers or len(numbers) < 0.95 * len(samples):
        return found("?", "not every value is a number", len(numbers) / max(1, len(samples)))
    if words & _OTHER_UNIT:
        return found("?", "the name speaks of another unit than major and minor ones")
    if any(_too_fine(number, each.currency) and isinstance(each.value, str) for number, each in numbers):
        return found("?", "some have more digits after the point than the currency has")
    if words & _MINOR:
        return _minor_by_name(found, parts, numbers)
    ratio = _sibling(way, numbers)
    if ratio:
        return found(*ratio)
    if stripe and words & _STRIPES and "metadata" not in way:
        if parts:
            return found("?", "Stripe counts in the smallest unit of a currency, and there are digits after the point")
        return found("minor", "Stripe counts in the smallest unit of a currency", provider="stripe")
    if parts:
        share = len(parts) / len(numbers)
        if whole and share < 0.5 and median(map(abs, whole)) > 20 * median(map(abs, parts)):
            return found("?", f"{share:.0%} have digits after the point, and the others are far larger", share)
        return found("major", f"{len(parts):,} of {len(numbers):,} have digits after the point that aren't 0")
    if elsewhere:
        return found("?", "whole numbers here, and with digits after the point in other messages")
    ending = sum(int(number) % 100 in (0, 50, 90, 95, 99) for number in whole) / len(whole)
    return found("?", f"whole numbers, {ending:.0%} of them end as prices in cents do; that says too little", 0.0)


def _minor_by_name(found: object, parts: Sequence[Decimal], numbers: Sequence[tuple[Decimal, AmountSample]]) -> Amount:
    assert callable(found)
    if parts:
        return found("?", "the name says minor units, and there are digits after the point")  # type: ignore[no-any-return]
    odd = sorted({each.currency for _, each in numbers if EXPONENTS.get(each.currency, 2) != 2})
    if odd:
        said = f"the name says hundredths, and {', '.join(odd[:3])} has none: hundredths or the smallest unit?"
        return found("?", said)  # type: ignore[no-any-return]
    return found("minor", "whole numbers, and the name says minor units")  # type: ignore[no-any-return]


def _sibling(way: Steps, numbers: Sequence[tuple[Decimal, AmountSample]]) -> tuple[Unit, str, float] | None:
    """The unit that another amount of the same message shows: this one by 100, with digits after the point; or this
    times 100, with a name that says minor units."""
    others: dict[Steps, list[int]] = {}
    for number, each in numbers:
        if number == 0 or EXPONENTS.get(each.currency, 2) != 2:
            continue
        for other, value in each.beside:
            counts = others.setdefault(other, [0, 0, 0, 0])
            counts[0] += 1
            counts[1] += value * 100 == number
            counts[2] += number * 100 == value
            counts[3] += value != value.to_integral_value()
    for other, (count, hundredth, hundredfold, parts) in sorted(others.items(), key=lambda pair: (-pair[1][0], pair[0])):
        if count < _FEW:
            continue
        share = hundredth / count
        if share >= 0.95 and parts:
            return "minor", f"{path_text(other)} is a hundredth of it in {share:.0%}", share
        share = hundredfold / count
        if share >= 0.95 and _MINOR & set(words_of(other)):
            return "major", f"{path_text(other)} is a hundred times it in {share:.0%}", share
    return None


def _too_fine(number: Decimal, currency: str) -> bool:
    exponent = number.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent > EXPONENTS.get(currency, 2)


def _examples(numbers: Sequence[tuple[Decimal, AmountSample]]) -> tuple[tuple[str, str], ...]:
    """Up to three amounts that differ, of different currencies if there are some."""
    found: dict[tuple[str, str], None] = {}
    seen: set[str] = set()
    for fresh in (True, False):
        for number, each in numbers:
            if len(found) < _FEW and number != 0 and (each.currency not in seen) is fresh:
                seen.add(each.currency)
                found[f"{number:f}"[:24], each.currency[:8]] = None
    return tuple(found)


def rendered(text: str, currency: str, unit: Unit) -> str:
    """An amount read in a unit, as people write it; "-" for one that can't be read."""
    digits = EXPONENTS.get(currency, 2)
    try:
        number = Decimal(text).scaleb(-digits) if unit == "minor" else Decimal(text)
        return f"{number:,.{digits}f} {currency}".strip()
    except InvalidOperation:
        return "-"

"""The unit of an amount: major (euros), minor (cents), or not known; only what values prove is said without doubt."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from statistics import median
from typing import Final

import msgspec

from greenflash_kafka.discovery.amounts import Amount, AmountSample, Unit, amount_score, number_of, split_score
from greenflash_kafka.discovery.currencies_of_amounts import FoundCurrency
from greenflash_kafka.discovery.path_values import path_text, words_of
from greenflash_kafka.discovery.split_amounts import SplitAmount
from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.expressions.paths import Steps

_MINOR: Final = frozenset(("cents", "cent", "minor", "pence", "minorunits"))
_OTHER_UNIT: Final = {
    "micros": 1_000_000, "micro": 1_000_000, "nanos": 1_000_000_000, "millis": 1000, "thousandths": 1000, "mills": 1000
}  # fmt: skip
"""Words of names that say how many parts of a major unit are counted."""

_STRIPES: Final = frozenset(("amount", "unit"))
_FEW: Final = 3

_ODD: Final = 0.05
"""Fewer than these with digits after the point may be slips among minor units: they prove nothing."""

_Numbers = Sequence[tuple[Decimal, AmountSample]]


class _Verdict(msgspec.Struct, frozen=True):
    unit: Unit
    evidence: str
    provider: str = ""
    likely: bool = False
    parts: int = 0


def judged(
    way: Steps,
    currency: FoundCurrency,
    samples: Sequence[AmountSample],
    *,
    stripe: bool,
    elsewhere: bool,
    split: SplitAmount | None = None,
) -> Amount:
    """The amount at `way`, with its unit as far as the values say it. `stripe`: the messages are those of Stripe, who
    counts in minor units; `elsewhere`: this path has digits after the point in other messages of the topic; `split`:
    the samples are sums of two numbers."""
    numbers = [(number, each) for each in samples if (number := number_of(each.value)) is not None]
    if not numbers or len(numbers) < 0.95 * len(samples):
        verdict = _Verdict("?", "not every value is a number")
    elif split is not None:
        verdict = _of_split(split, numbers)
    else:
        named = _by_name(way, numbers, stripe=stripe)
        verdict = named or _sibling(numbers) or _by_digits(numbers, elsewhere=elsewhere)
    return Amount(
        way,
        verdict.unit,
        verdict.evidence,
        currency,
        _examples(numbers),
        any(isinstance(each.value, str) and "," in each.value for _, each in numbers),
        verdict.provider,
        any(isinstance(each.value, Decimal) and _too_fine(number, each.currency) for number, each in numbers),
        verdict.likely,
        parts=verdict.parts,
        split=split,
        score=amount_score(way) if split is None else split_score(split),
    )


def _of_split(split: SplitAmount, numbers: _Numbers) -> _Verdict:
    """Major units and parts of one: what the form of the object says."""
    whole, part = (str(way[-1]) for way in (split.whole, split.part))
    said = f"{whole} are major units, {part} are parts: {split.parts:,} to one"
    if split.in_hundredths and any(EXPONENTS.get(each.currency, 2) != 2 for _, each in numbers):
        return _Verdict("?", f"{said}, and not every currency has hundredths")
    if not split.sure and not split.in_hundredths:
        return _Verdict("major", f"{whole} beside a currency alone: no message has {part}", likely=True)
    if any(_too_fine(number, each.currency) for number, each in numbers):
        return _Verdict("major", f"{said}; finer than the currency, so rounded", likely=True)
    return _Verdict("major", said, likely=not split.sure)


def _by_name(way: Steps, numbers: _Numbers, *, stripe: bool) -> _Verdict | None:
    """What the path's names say of the unit, and whether the values agree."""
    words = set(words_of((way[0], *way[1:][-2:])))
    parts = any(number != number.to_integral_value() for number, _ in numbers)
    for word in sorted(words & _OTHER_UNIT.keys()):
        count = _OTHER_UNIT[word]
        return _Verdict("?", f"the name says {word}: parts of a major unit, {count:,} to one", parts=count)
    if any(_too_fine(number, each.currency) and not _is_noise(number, each) for number, each in numbers):
        return _Verdict("?", "some have more digits after the point than the currency has")
    if words & _MINOR:
        return _named_minor(numbers, parts=parts)
    if stripe and words & _STRIPES and "metadata" not in way:
        said = "Stripe counts in the smallest unit of a currency"
        return (
            _Verdict("?", f"{said}, and there are digits after the point")
            if parts
            else _Verdict("minor", said, "stripe")
        )
    return None


def _named_minor(numbers: _Numbers, *, parts: bool) -> _Verdict:
    if parts or any("." in str(each.value) for _, each in numbers):
        return _Verdict("?", "the name says minor units, and there are digits after the point")
    odd = sorted({each.currency for _, each in numbers if EXPONENTS.get(each.currency, 2) != 2})
    if odd:
        said = f"the name says hundredths, and {', '.join(odd[:3])} has none: hundredths or the smallest unit?"
        return _Verdict("?", said)
    return _Verdict("minor", "whole numbers, and the name says minor units")


def _by_digits(numbers: _Numbers, *, elsewhere: bool) -> _Verdict:
    """What digits after the point say: minor units have none."""
    whole = [number for number, _ in numbers if number == number.to_integral_value()]
    parts = [number for number, _ in numbers if number != number.to_integral_value()]
    if parts:
        share = len(parts) / len(numbers)
        if share < _ODD or (len(parts) == 1 and len(whole) >= _FEW):
            said = f"{len(parts):,} of {len(numbers):,} have digits after the point: too few to say that all are major"
            return _Verdict("?", said)
        if whole and share < 0.5 and median(map(abs, whole)) > 20 * median(map(abs, parts)):
            return _Verdict("?", f"{share:.0%} have digits after the point, and the others are far larger")
        return _Verdict("major", f"{len(parts):,} of {len(numbers):,} have digits after the point that aren't 0")
    if elsewhere:
        return _Verdict("?", "whole numbers here, and with digits after the point in other messages")
    if all(_has_two_digits(each.value) for _, each in numbers):
        return _Verdict("major", "all are written with two digits after the point, which are 0", likely=True)
    ending = sum(int(number) % 100 in (0, 50, 90, 95, 99) for number in whole) / len(whole)
    return _Verdict("?", f"whole numbers, {ending:.0%} of them end as prices in cents do; that says too little")


def _sibling(numbers: _Numbers) -> _Verdict | None:
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
    for other, (count, hundredth, hundredfold, parts) in sorted(
        others.items(), key=lambda each: (-each[1][0], each[0])
    ):
        if count < _FEW:
            continue
        if hundredth >= 0.95 * count and parts:
            return _Verdict("minor", f"{path_text(other)} is a hundredth of it in {hundredth / count:.0%}")
        if hundredfold >= 0.95 * count and _MINOR & set(words_of(other)):
            return _Verdict("major", f"{path_text(other)} is a hundred times it in {hundredfold / count:.0%}")
    return None


def _is_noise(number: Decimal, each: AmountSample) -> bool:
    """Whether digits that the currency doesn't have come of binary arithmetic: 30.099999999999998."""
    digits = EXPONENTS.get(each.currency, 2)
    return isinstance(each.value, Decimal) and abs(number - round(number, digits)) < Decimal("0.000001")


def _has_two_digits(value: object) -> bool:
    return isinstance(value, str | Decimal) and str(value).partition(".")[2] == "00"


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

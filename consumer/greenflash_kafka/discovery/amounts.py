"""Paths that hold amounts of money, and the unit of each: major (euros), minor (cents), or not known.

A unit that isn't sure is never guessed: who reads the proposal decides it, with real amounts before his eyes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

import msgspec

from greenflash_kafka.discovery.currencies_of_amounts import FoundCurrency
from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import PathValues, follow, path_text, words_of
from greenflash_kafka.discovery.split_amounts import SplitAmount, amount_at
from greenflash_kafka.discovery.topic_documents import Document
from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.expressions.paths import Steps

Unit = Literal["major", "minor", "?"]

_AMOUNT: Final = {
    "amount": 1.0, "total": 1.0, "revenue": 0.9, "price": 0.8, "value": 0.5, "paid": 0.8, "cost": 0.6, "sum": 0.7,
    "due": 0.6, "charge": 0.5, "cents": 0.6, "subtotal": 0.5, "refund": 0.7, "refunded": 0.7, "mrr": 0.6, "arr": 0.5,
    "payment": 0.5, "billed": 0.5, "gross": 0.7, "net": 0.5, "money": 0.6, "minor": 0.6, "pence": 0.6, "micros": 0.4,
}  # fmt: skip
_LESS: Final = {
    "tax": 0.6, "shipping": 0.6, "discount": 0.6, "discounts": 0.6, "fee": 0.5, "fees": 0.5, "tip": 0.6, "sub": 0.3,
    "subtotal": 0.3, "balance": 0.5, "remaining": 0.4, "overpaid": 0.6, "duties": 0.7, "outstanding": 0.5,
    "previous": 0.7, "old": 0.6, "estimated": 0.5, "weight": 2.0, "percent": 2.0, "percentage": 2.0, "rate": 1.0,
    "items": 0.8, "count": 2.0, "quantity": 2.0, "score": 2.0, "seats": 2.0, "steps": 2.0, "id": 2.0,
    "time": 2.0, "at": 2.0, "date": 2.0, "days": 2.0, "attempts": 2.0, "number": 1.0, "ms": 2.0, "seconds": 2.0,
    "requested": 0.1, "current": 0.1, "by": 2.0, "capturable": 0.5, "excluding": 0.4, "application": 0.6,
    "minutes": 2.0, "key": 2.0, "adjusted": 0.6, "applied": 0.5, "unused": 0.8, "credit": 0.5, "credits": 0.5,
    "off": 0.6, "collect": 0.4, "base": 0.3, "unit": 0.3, "limit": 1.0, "threshold": 1.0, "min": 0.8, "max": 0.8,
    "points": 2.0, "length": 2.0, "size": 2.0, "version": 2.0, "starting": 0.6, "model": 0.3, "surcharge": 0.5,
    "earnings": 0.4, "tokens": 2.0, "commission": 0.5, "exchange": 2.0, "ratio": 2.0, "volume": 1.0,
    "next": 0.5, "bill": 0.2, "due": 0.1,
}  # fmt: skip
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d+)?")
_COMMA: Final = re.compile(r"-?\d{1,15},\d{1,4}")


class AmountSample(msgspec.Struct, frozen=True):
    """What is looked at of one document: the amount as it is, its currency, and other amounts beside it."""

    value: object
    currency: str
    beside: tuple[tuple[Steps, Decimal], ...]


class Amount(msgspec.Struct, frozen=True):
    """A path with an amount. `evidence` says in words why the unit is known, or isn't; `examples` are values with their
    currencies; `comma`: texts with a decimal comma;
    `provider` counts by itself ("stripe"); `rounds`: there are more digits than the currency has. `likely`: the unit is
    a guess that has much for it, and no proof. `same` are paths with the same amount in every message. `parts`: so many
    make one major unit, by the name (micros); 0 if the name says nothing of the kind. `split`: it stands in two
    numbers, `way` has the whole units. `score`: how surely its name says that it is *the* amount of the fact."""

    way: Steps
    unit: Unit
    evidence: str
    currency: FoundCurrency
    examples: tuple[tuple[str, str], ...] = ()
    comma: bool = False
    provider: str = ""
    rounds: bool = False
    likely: bool = False
    same: tuple[Steps, ...] = ()
    parts: int = 0
    split: SplitAmount | None = None
    score: float = 0.0

    @property
    def readings(self) -> tuple[tuple[Unit, str], ...]:
        """The calls that may read it, each with its unit; "?" stands for that of the name."""
        if self.split is not None:
            return (("major", self.call("major")),)
        if self.parts:
            return (("?", self.call("?")),)
        return ("major", self.call("major")), ("minor", self.call("minor"))

    @property
    def currency_text(self) -> str:
        """The expression of its currency; EUR stands for one that nothing tells."""
        return f"upper({path_text(self.currency.way)})" if self.currency.way is not None else f'"{self._code}"'

    @property
    def _code(self) -> str:
        return self.currency.code or "EUR"

    def shown(self, text: str, code: str, unit: Unit) -> str:
        """An amount read in a unit, as people write it."""
        return rendered(text, code or self.currency.code, unit, self.parts)

    def call(self, unit: Unit) -> str:
        """The call that reads the amount in this unit."""
        path = path_text(self.way)
        read, rounds = f'replace({path}, ",", ".")' if self.comma else path, self.rounds
        if self.split is not None:
            read = self.split.expression(self.currency.way)
            unit = "minor" if self.split.in_hundredths else "major"
        if unit == "?" and self.parts:
            unit, read, rounds = "major", f"number({read}) / {self.parts}", True
        currency = path_text(self.currency.way) if self.currency.way is not None else f'"{self._code}"'
        more = f', provider="{self.provider}"' if self.provider and unit == "minor" else ""
        more += ', round="half_up"' if rounds else ""
        return f"money_{unit}({read}, {currency}{more})"


def amount_candidates(
    table: PathTable,
    splits: Mapping[Steps, SplitAmount],
    *,
    refund: bool = False,
    about: AbstractSet[str] = frozenset(),
) -> list[Steps]:
    """Paths that may be an amount by their words and values, the likeliest first; `splits` are those in two numbers,
    `refund`: of money that goes back; `about` are words of the event's name, which an object of the message may have
    for its own."""
    found = []
    halves = {way for split in splits.values() for way in (split.whole, split.part)}
    for each in table.paths.values():
        if each.in_a_list or each.way[0] in ("kafka", "envelope") or each.way in halves:
            continue
        score = amount_score(each.way, refund=refund)
        if score > 0.2 and _are_numbers(each):
            found.append((score, table.share(each.way), each.way, each.way))
    for split in splits.values():
        share = max(table.share(split.whole), table.share(split.part))
        found.append((split_score(split, refund=refund), share, split.whole, split.named))

    def rank(each: tuple[float, float, Steps, Steps]) -> tuple[float, int, Steps]:
        score, share, way, named = each
        about_it = 0.1 if about & set(words_of((named[0], *named[-2:-1]))) else 0.0
        return (-(score + about_it + 0.3 * share), len(way), way)

    return [way for _, share, way, _ in sorted(found, key=rank) if share >= 0.5][:12]


def amounts_in_lists(table: PathTable) -> list[Steps]:
    """Paths of amounts that lead through a list, so that a rule has to say which, or their sum."""
    found = [each.way for each in table.paths.values() if each.in_a_list and _are_numbers(each)]
    return sorted((way for way in found if amount_score(way) > 0.4), key=lambda way: (len(way), str(way)))[:3]


def amount_score(way: Steps, *, refund: bool = False) -> float:
    """How surely a path's name says that it is *the* amount of the fact."""
    last = words_of((way[0], way[-1]))
    above = words_of((way[0], way[-2])) if len(way) > 2 else ()
    best = max((_AMOUNT.get(word, 0.0) for word in last), default=0.0)
    if best < 0.6:
        # {"price": {"value": 1999}}, {"total": {"amount": ...}}
        best = max(best, *(0.9 * _AMOUNT.get(word, 0.0) for word in above), 0.0) if best else 0.0
    if {"refund", "refunded", "refunds"} & set(last):
        best += 0.4 if refund else -0.4
    less = sum(_LESS.get(word, 0.0) for word in last) + 0.5 * sum(_LESS.get(word, 0.0) for word in above)
    return best - less - 0.04 * (len(way) - 2) if best else 0.0


def _are_numbers(found: PathValues) -> bool:
    if found.is_mostly("integer", "number"):
        return True
    if not found.is_mostly("text", "integer", "number"):
        return False
    fitting = sum(count for text, count in found.values.items() if _NUMBER.fullmatch(text) or _COMMA.fullmatch(text))
    return fitting >= 0.95 * sum(found.values.values())


def split_score(split: SplitAmount, *, refund: bool = False) -> float:
    """The score of an amount in two numbers: its form says that it is one. Beside the same amount in one number it
    comes second."""
    return max(amount_score(split.named, refund=refund), 0.35) - 0.1


def sample_of(
    document: Document,
    way: Steps,
    currency: FoundCurrency,
    others: Sequence[Steps],
    splits: Mapping[Steps, SplitAmount] = {},
) -> AmountSample | None:
    """What a document says of the amount at `way`; None if it has none."""
    value = amount_at(document.roots, way, splits)
    if value is None or isinstance(value, bool | dict | list):
        return None
    code = follow(document.roots, currency.way) if currency.way is not None else None
    beside = ((other, number_of(amount_at(document.roots, other, splits))) for other in others if other != way)
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


def rendered(text: str, currency: str, unit: Unit, parts: int = 0) -> str:
    """An amount read in a unit, as people write it; "-" for one that can't be read. `parts` of "?" are a major unit."""
    digits = EXPONENTS.get(currency, 2)
    try:
        number = Decimal(text).scaleb(-digits) if unit == "minor" else Decimal(text)
        number = number / parts if unit == "?" and parts else number
        return f"{number:,.{digits}f} {currency}".strip()
    except InvalidOperation:
        return "-"

"""Sums over the stored events, exact: counts, influence and money by event type and currency."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any, Final

import msgspec

from greenflash_kafka.model.event_money import EXACT, amount_of, currency_of


class TypeTotals(msgspec.Struct):
    """What is known of one event type: how many, of which influence, and how much money by currency."""

    count: int = 0
    positive: int = 0
    neutral: int = 0
    negative: int = 0
    money: dict[str, Decimal] = {}

    def add(self, event: dict[str, Any]) -> None:
        """Count an event of this type. Without an `influence` it is neutral, as the service has it."""
        self.count += 1
        influence = event.get("influence", "neutral")
        if influence == "positive":
            self.positive += 1
        elif influence == "negative":
            self.negative += 1
        else:
            self.neutral += 1
        amount = amount_of(event.get("valueType"), event.get("value", ""))
        if amount is not None:
            currency = currency_of(event.get("properties"))
            self.money[currency] = EXACT.add(self.money.get(currency, _ZERO), amount)


class Totals:
    """The sums by event type, in the order in which the types were first seen."""

    def __init__(self) -> None:
        self.by_type: dict[str, TypeTotals] = {}

    def add(self, event: dict[str, Any]) -> None:
        """Count an event that has just been stored."""
        name = event["eventType"]
        totals = self.by_type.get(name)
        if totals is None:
            totals = self.by_type[name] = TypeTotals()
        totals.add(event)

    def counts(self) -> dict[str, int]:
        """How many events of each type."""
        return {name: totals.count for name, totals in self.by_type.items()}

    def money(self) -> dict[str, Decimal]:
        """All money, by currency."""
        sums: dict[str, Decimal] = {}
        for totals in self.by_type.values():
            for currency, amount in totals.money.items():
                sums[currency] = EXACT.add(sums.get(currency, _ZERO), amount)
        return sums

    def influence(self) -> dict[str, int]:
        """How many events of each influence."""
        counts: Counter[str] = Counter(positive=0, neutral=0, negative=0)
        for totals in self.by_type.values():
            counts.update(positive=totals.positive, neutral=totals.neutral, negative=totals.negative)
        return dict(counts)


_ZERO: Final = Decimal(0)

"""Events of a rule whose amount is another one: how many, in which direction, and by which factor if it is the same."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final

import msgspec

_LONGEST_FACTOR: Final = 6
"""Digits of a factor that a report names: one with more is no mistake of units, but somebody's amount."""

_MIXED: Final = "mixed"


class AmountMoves(msgspec.Struct):
    """`factor` is new / old of every event so far, as a fraction; "mixed" if they have several, "" of none. `zero`
    counts the new amounts that are 0, `turned` those of the other sign."""

    count: int = 0
    larger: int = 0
    smaller: int = 0
    zero: int = 0
    turned: int = 0
    factor: str = ""

    def move(self, old: Decimal, new: Decimal) -> None:
        """Count an event whose amount was another one."""
        self.count += 1
        self.larger += abs(new) > abs(old)
        self.smaller += abs(new) < abs(old)
        self.zero += new == 0
        self.turned += (old < 0 < new) or (new < 0 < old)
        if self.factor != _MIXED:
            self._also(str(Fraction(new) / Fraction(old)) if old else _MIXED)

    def add(self, other: AmountMoves) -> None:
        """Count what another has counted."""
        self.count += other.count
        self.larger += other.larger
        self.smaller += other.smaller
        self.zero += other.zero
        self.turned += other.turned
        if other.factor:
            self._also(other.factor)

    def _also(self, factor: str) -> None:
        self.factor = factor if self.factor in ("", factor) else _MIXED

    @property
    def words(self) -> str:
        """The direction of all of them, in words."""
        if self.zero == self.count:
            return "every one is 0 now"
        times = self.times
        if times:
            return f"{times} times what it was"
        if self.turned == self.count:
            return "every one has the other sign"
        for count, word in ((self.larger, "larger"), (self.smaller, "smaller")):
            if count == self.count and not self.turned and not self.zero:
                return f"every one is {word}"
        said = [
            f"{count:,} {word}"
            for count, word in (
                (self.larger, "larger"),
                (self.smaller - self.zero, "smaller"),
                (self.zero, "0 now"),
                (self.turned, "with the other sign"),
            )
            if count
        ]
        return ", ".join(said)

    @property
    def times(self) -> str:
        """The factor, if all of them have the same, and it is a short number; else ""."""
        if self.factor in ("", _MIXED):
            return ""
        found = Fraction(self.factor)
        for each, said in ((found, ""), (1 / found if found else found, "1/")):
            number = Decimal(each.numerator) / Decimal(each.denominator)
            text = f"{number.normalize():,f}"
            if Fraction(text.replace(",", "")) == each and len(re.sub("[^0-9]", "", text)) <= _LONGEST_FACTOR:
                return f"{said}{text}"
        return ""

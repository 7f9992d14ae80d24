"""A part of the bench: its contenders, the columns shown for them, and their targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from bench.ground import Ground

Figures = Mapping[str, float]
"""What was measured of a contender, by name."""

Round = Mapping[str, Figures]
"""What was measured one after another, by the contender's name; those that failed or can't run here are missing."""


class Case(NamedTuple):
    """A contender: what measures it, or why it can't be had here."""

    name: str
    measure: Callable[[], Figures]
    missing: str = ""


class Column(NamedTuple):
    """A figure as the table shows it, `{:,.0f} us` and the like; with a `base`, how many times that contender's."""

    figure: str
    heading: str
    form: str
    base: str = ""

    def of(self, name: str, round: Round) -> float:
        """The value of a contender in a round; raises KeyError when it wasn't measured, or its base wasn't."""
        value = round[name][self.figure]
        return value / round[self.base][self.figure] if self.base else value


class Target(NamedTuple):
    """A line of the requirements, as what it says, the value in a round, and its limit: the most, or the least."""

    text: str
    value: Callable[[Round], float]
    most: float | None = None
    least: float | None = None

    def reached(self, value: float) -> bool:
        """Whether a value is within the limits."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)


def value(figure: str, of: str) -> Callable[[Round], float]:
    """A contender's figure."""
    return lambda round: round[of][figure]


def ratio(figure: str, of: str, to: str) -> Callable[[Round], float]:
    """A contender's figure, by another's."""
    return lambda round: round[of][figure] / round[to][figure]


class Part(NamedTuple):
    """Some contenders at the same work."""

    name: str
    title: str
    about: str
    columns: Sequence[Column]
    cases: Callable[[Ground], Sequence[Case]]
    targets: Sequence[Target] = ()
    rounds: int = 3
    bars: Column | None = None
    """What the picture shows, if it shows this part."""


class Spread(NamedTuple):
    """A value over several rounds."""

    low: float
    median: float
    high: float


def spread(value: Callable[[Round], float], rounds: Sequence[Round]) -> Spread | None:
    """Over the rounds in which it was measured; None when there is none. Ratios are made within a round."""
    values = []
    for each in rounds:
        try:
            values.append(value(each))
        except KeyError:
            continue
    return Spread(min(values), median(values), max(values)) if values else None

"""Paths that hold times: the unit of numbers, and how near a time is to its record's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from greenflash_kafka.discovery.path_table import PathTable, weighted
from greenflash_kafka.discovery.path_values import PathValues, path_text, words_of
from greenflash_kafka.discovery.topic_documents import Document
from greenflash_kafka.discovery.unique_ids import OF_SENDING
from greenflash_kafka.expressions.paths import Steps

_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d:?\d\d))?)?")
_UNITS: Final = {"s": 1_000, "ms": 1, "us": -1_000, "ns": -1_000_000}
_YEAR_MS: Final = 400 * 86_400_000
_TELLING: Final = frozenset(
    (
        "at",
        "time",
        "timestamp",
        "ts",
        "created",
        "occurred",
        "date",
        "when",
        "happened",
        "processed",
        "paid",
        "ms",
        "on",
    )
)
_FUTURE: Final = frozenset(("end", "expires", "expiry", "until", "due", "start", "period", "next", "valid", "renews"))
_OTHERS: Final = frozenset(("version", "id"))
"""Words of numbers that are made of a time, and are none."""

MOST: Final = 24


class EventTime(msgspec.Struct, frozen=True):
    """A path of times. `unit` is that of numbers, "" for text and times; `near_ms` is the median distance to the
    record's time, None if records have none; `share` the part of the facts that has it."""

    way: Steps
    unit: str
    near_ms: int | None
    share: float

    @property
    def expression(self) -> str:
        """The call that reads it."""
        return f'time({path_text(self.way)}, "{self.unit}")' if self.unit else f"time({path_text(self.way)})"

    @property
    def written_as(self) -> str:
        """How it is written, in words."""
        names = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
        return f"a number of {names[self.unit]}" if self.unit else "ISO 8601"


def time_candidates(table: PathTable) -> list[PathValues]:
    """Paths whose values may be times."""
    found = [
        each
        for each in table.paths.values()
        if not each.in_a_list
        and not _OTHERS & set(words_of((each.way[0], each.way[-1])))
        and (
            each.is_mostly("time")
            or (each.is_mostly("text") and _share(each, _ISO) >= 0.95)
            or (each.is_mostly("integer", "number") and not each.fractions and _may_be_time(each))
        )
    ]
    return sorted(found, key=lambda each: (-table.share(each.way), len(each.way), each.way))[:MOST]


def _share(found: PathValues, pattern: re.Pattern[str]) -> float:
    fitting = sum(count for text, count in found.values.items() if pattern.fullmatch(text))
    return fitting / max(1, sum(found.values.values()))


def _may_be_time(found: PathValues) -> bool:
    return bool(found.values) and all(text.isdigit() and 9 <= len(text) <= 20 for text in found.values)


def milliseconds(value: object, record_ms: int | None, *, telling: bool) -> tuple[str, int] | None:
    """The unit and the time of a value; None if it is none. A number is a time if it lies within 400 days of the
    record's time in exactly one unit; without a record's time, or far from it, the name has to tell (2001 to 2100)."""
    if isinstance(value, datetime):
        return "", int(value.timestamp() * 1000)
    if isinstance(value, str):
        if not _ISO.fullmatch(value):
            return None
        try:
            found = datetime.fromisoformat(value.replace(" ", "T", 1))
            return "", int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
        except (ValueError, OverflowError):
            return None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    far = None
    for unit, factor in _UNITS.items():
        ms = value * factor if factor > 0 else value // -factor
        if record_ms is not None and abs(ms - record_ms) <= _YEAR_MS:
            return unit, ms
        if 1_000_000_000_000 <= ms <= 4_100_000_000_000:
            far = unit, ms
    return far if telling else None


def is_telling(way: Steps) -> bool:
    """Whether the path's last name says that it is a time."""
    return bool(set(words_of((way[0], way[-1]))) & _TELLING)


class TimeEvidence:
    """What the values of one path say."""

    def __init__(self, way: Steps) -> None:
        self.way = way
        self._units: dict[str, int] = {}
        self._distances: list[int] = []
        self._ahead = 0
        self._count = 0

    def add(self, value: object, document: Document) -> None:
        """Count the value of a document."""
        if value is None:
            return
        self._count += 1
        found = milliseconds(value, document.ms, telling=is_telling(self.way))
        if found is not None:
            self._units[found[0]] = self._units.get(found[0], 0) + 1
            if document.ms is not None:
                self._distances.append(abs(found[1] - document.ms))
                self._ahead += found[1] > document.ms + 60_000

    def result(self, documents: int) -> EventTime | None:
        """The time that this is; None if too few values are times of one unit."""
        if not self._units or not documents:
            return None
        unit, count = max(sorted(self._units.items()), key=lambda each: each[1])
        if count < 0.95 * self._count:
            return None
        near = sorted(self._distances)[len(self._distances) // 2] if self._distances else None
        return EventTime(self.way, unit, near, self._count / documents)


def best_times(found: Iterable[EventTime], facts: Sequence[tuple[PathTable, int]]) -> list[EventTime]:
    """Times, the best first: in nearly all messages that rules are proposed for, near to the record's time, and by its
    name that of the fact, not of its sending. `facts` has the paths of each kind of these messages, and how many there
    are."""

    def of_facts(each: EventTime) -> EventTime:
        if not facts:
            return each
        return msgspec.structs.replace(each, share=weighted([table.share(each.way) for table, _ in facts], facts))

    def rank(each: EventTime) -> tuple[float, int, bool, bool, int, Steps]:
        words = set(words_of((each.way[0], each.way[-1])))
        distance = len(str(each.near_ms // 5_000)) if each.near_ms is not None and each.near_ms >= 5_000 else 0
        return (
            -round(min(each.share, 0.95), 1),
            distance,
            bool(words & _FUTURE),
            bool(words & OF_SENDING),
            len(each.way),
            each.way,
        )

    return sorted((each for each in map(of_facts, found) if each.share >= 0.5), key=rank)

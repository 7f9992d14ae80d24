"""Hints for times that are refused: the unit that a number probably has, and times after the record's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from greenflash_kafka.expressions.arithmetic import read_number
from greenflash_kafka.expressions.functions.time import UNITS
from greenflash_kafka.expressions.values import time_text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_SECONDS: Final = Decimal("31556952")
_PLAUSIBLE: Final = (2000, 2100)
_NAMES: Final = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "days": "days"}
_DAY_MS: Final = 86_400_000


def time_hint(value: object, unit: object, name: str, record_ms: int | None, function: str = "time") -> str:
    """What is wrong with a time: its unit, or that it lies after the record. `name` is how the value is written,
    `function` what reads it."""
    number = read_number(value) if isinstance(value, str) and unit else value
    if isinstance(number, int | Decimal) and not isinstance(number, bool):
        return _of_number(Decimal(number), unit, name, record_ms).replace("time(", f"{function}(")
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return "times are written like 2026-11-18 or 2026-11-18T11:06:40Z"
        value = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return _of_moment(value, record_ms) if isinstance(value, datetime) else ""


def likely_unit(value: object) -> str:
    """The unit by which a number is a time of these years; "" if there is none."""
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or not 0 < value < 10**24:
        return ""
    return next((unit for unit in ("s", "ms", "us", "ns") if 2000 <= _year(Decimal(value), unit) <= 2100), "")


def _of_number(number: Decimal, unit: object, name: str, record_ms: int | None) -> str:
    if abs(number) > Decimal(10) ** 24:
        return ""
    fits = [each for each in UNITS if _PLAUSIBLE[0] <= _year(number, each) <= _PLAUSIBLE[1]]
    said = ""
    if isinstance(unit, str) and unit in UNITS:
        if unit in fits:
            times, by = UNITS[unit]
            return _of_moment(_EPOCH + timedelta(microseconds=int(number * times / by)), record_ms)
        said = f"as {_NAMES[unit]} this is the year {_year(number, unit)}"
        return f'{said}: {_NAMES[fits[0]]}? time({name}, "{fits[0]}")' if fits else said
    return f'a number needs its unit: time({name}, "{fits[0]}") if these are {_NAMES[fits[0]]}' if fits else ""


def _year(number: Decimal, unit: str) -> int:
    times, by = UNITS[unit]
    return 1970 + int(number * times / by / 1_000_000 / _YEAR_SECONDS)


def _of_moment(moment: datetime, record_ms: int | None) -> str:
    try:
        if moment.year < _PLAUSIBLE[0]:
            return "before 2000"
        record = None if record_ms is None else _EPOCH + timedelta(milliseconds=record_ms)
        if record is not None and moment > record + timedelta(milliseconds=_DAY_MS):
            return f"in the future: {time_text(moment)} is more than a day after the record's own {time_text(record)}"
    except OverflowError:
        return ""
    return ""

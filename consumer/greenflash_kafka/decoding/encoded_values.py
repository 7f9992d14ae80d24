"""Inverses of `exact`: from a value as rules see it, and cases write it, to what a binary format holds.

All raise ValueError, whose text says what was expected. Numbers of units are given back as they are: that is how rules
see times that no calendar has.
"""

from __future__ import annotations

from binascii import Error, a2b_base64
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final, TypeVar

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_NAMES: Final = {bool: "true or false", str: "text", dict: "an object", list: "a list", type(None): "nothing"}
_LARGEST: Final = 1_000
"""Power of ten beyond all numbers that are read: before it is calculated."""

_WIDTHS: Final = {"millis": (1, 1_000), "micros": (1, 1), "nanos": (1_000, 1)}

_Read = TypeVar("_Read", date, datetime, time)


class NotThis(ValueError):
    """A value of another type; the text says which one was expected and found."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(f"expected {expected}, found {found_name(found)}")


def found_name(value: object) -> str:
    """What a value is, for people."""
    return _NAMES.get(value.__class__) or ("a number" if isinstance(value, int | Decimal | float) else "a time")


def integer_of(value: object) -> int:
    """A whole number, also as a decimal without fraction."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return unscaled_of(value, 0)
    except ValueError:
        raise NotThis("a whole number", value) from None


def number_of(value: object) -> Decimal:
    """A finite number, exact."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        raise NotThis("a number", value)
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        raise NotThis("a number", value)
    return number


def unscaled_of(value: object, scale: int) -> int:
    """value * 10^scale."""
    number = number_of(value)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    shift = scale + exponent
    if shift >= _LARGEST:
        raise ValueError("the number is larger than any that is read again")
    unscaled, power = int("".join(map(str, digits))), int(10 ** min(abs(shift), _LARGEST))
    if shift < 0:
        unscaled, lost = divmod(unscaled, power)
        if lost:
            raise ValueError(f"the schema's numbers have {scale} digits after the point, this one has more")
    else:
        unscaled *= power
    return -unscaled if sign else unscaled


def time_number(value: object, unit: str) -> int:
    """A time with its zone ("2026-11-20T10:00:00Z") as `unit` (millis, micros, nanos) since 1970."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    read = _read(datetime, value, "a time with its zone, like 2026-11-20T10:00:00Z")
    if read.tzinfo is None:
        raise ValueError("the time has no zone: write it like 2026-11-20T10:00:00Z")
    return _in_unit((read - _EPOCH) // _MICROSECOND, unit)


def local_number(value: object, unit: str) -> int:
    """A time without a zone ("2026-11-20T10:00:00") as `unit` since 1970 on its clock."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    read = _read(datetime, value, "a time without a zone, like 2026-11-20T10:00:00")
    if read.tzinfo is not None:
        raise ValueError("the schema's times have no zone: write it like 2026-11-20T10:00:00")
    return _in_unit((read.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND, unit)


def date_number(value: object) -> int:
    """A date ("2026-11-20") as days since 1970."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _read(date, value, "a date, like 2026-11-20").toordinal() - _EPOCH.toordinal()


def clock_number(value: object, unit: str) -> int:
    """A time of a day ("14:30:00") as `unit` since midnight."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    read = _read(time, value, "a time of the day, like 14:30:00")
    since = timedelta(hours=read.hour, minutes=read.minute, seconds=read.second, microseconds=read.microsecond)
    return _in_unit(since // _MICROSECOND, unit)


def bytes_of(value: object) -> bytes:
    """The bytes of a base64 text."""
    if not isinstance(value, str):
        raise NotThis("bytes as base64 text", value)
    try:
        return a2b_base64(value, strict_mode=True) if value else b""
    except (Error, ValueError):
        raise ValueError("expected bytes as base64 text, found other text") from None


def _read(kind: type[_Read], value: object, expected: str) -> _Read:
    if isinstance(value, kind):
        return value
    if not isinstance(value, str):
        raise NotThis(expected, value)
    try:
        return kind.fromisoformat(value)
    except ValueError:
        raise ValueError(f"expected {expected}, found other text") from None


def _in_unit(micros: int, unit: str) -> int:
    times, parts = _WIDTHS[unit]
    number, lost = divmod(micros * times, parts)
    if lost:
        raise ValueError("the schema's times have milliseconds, this one has more digits")
    return number

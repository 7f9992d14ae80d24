"""Exact values of binary formats, as rules read them: decimals, floats, times, dates, bytes.

All functions are total: for each argument of their types they give a value, and raise nothing. What has no value of
its kind is given as what the message holds. A time out of the years 1 to 9999 is its number, for example: a rule that
uses it as a time counts `bad-time`, and other rules don't meet it.
"""

from __future__ import annotations

from binascii import b2a_base64
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from struct import Struct
from typing import Final
from uuid import UUID

from greenflash_kafka.model.payload import MAX_DIGITS

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = _EPOCH.toordinal()
_LAST_DAY: Final = date.max.toordinal() - _EPOCH_DAY
_DAY_US: Final = 86_400_000_000
_SINGLE: Final = Struct("<f")
_NORMAL_SINGLE: Final = 2.0**-126
"""Singles below it have less than six exact digits."""

_MAX_BITS: Final = (10**MAX_DIGITS).bit_length() - 1
"""Whole numbers of so many bits have at most MAX_DIGITS digits. Bits are counted at once, digits in quadratic time."""


def decimal_of(unscaled: int | bytes, scale: int) -> Decimal | str:
    """unscaled / 10^scale. `bytes` are a whole number in two's complement, big-endian (none: 0).

    With more than MAX_DIGITS digits, or a larger scale, it is the base64 text of the number's bytes: the language has
    no such numbers, and a rule that expects a number finds the text.
    """
    number = int.from_bytes(unscaled, "big", signed=True) if isinstance(unscaled, bytes) else unscaled
    if number.bit_length() <= _MAX_BITS:
        # The constructor is exact, whatever precision the thread's context has.
        if 0 <= scale <= MAX_DIGITS:
            return Decimal(f"{number}E-{scale}")
        if -MAX_DIGITS <= scale < 0:
            whole = number * 10**-scale
            if whole.bit_length() <= _MAX_BITS:
                return Decimal(whole)
    if isinstance(unscaled, bytes):
        return base64_of(unscaled)
    return base64_of(number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def double_of(value: float) -> Decimal | str:
    """A double by its shortest text: 0.1 is 0.1; else "NaN", "Infinity" or "-Infinity"."""
    return Decimal(repr(value)) if isfinite(value) else _not_finite(value)


def single_of(value: float) -> Decimal | str:
    """A single (32 bits), given as the double that is equal to it, by the shortest text of a single: 0.1, not
    0.10000000149011612, as the producer's own language prints it."""
    if not isfinite(value):
        return _not_finite(value)
    shortest = float(f"{value:.6g}")
    # Each decimal of six digits is told apart by a single; nine digits tell all singles apart.
    if not _is_single(shortest, value) or -_NORMAL_SINGLE < value < _NORMAL_SINGLE:
        shortest = next(
            (near for near in (float(f"{value:.{digits}g}") for digits in range(1, 9)) if _is_single(near, value)),
            float(f"{value:.9g}"),
        )
    return Decimal(repr(shortest))


def _is_single(text: float, value: float) -> bool:
    try:
        return bool(_SINGLE.unpack(_SINGLE.pack(text))[0] == value)
    except OverflowError:
        # Rounded up beyond the largest single.
        return False


def _not_finite(value: float) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def time_of_micros(micros: int) -> datetime | int:
    """The time in UTC of microseconds since 1970; the number itself outside of the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(microseconds=micros)
    except OverflowError:
        return micros


def time_of_millis(millis: int) -> datetime | int:
    """The same of milliseconds."""
    try:
        return _EPOCH + timedelta(milliseconds=millis)
    except OverflowError:
        return millis


def time_of_nanos(nanos: int) -> datetime | int:
    """The same of nanoseconds, cut to microseconds."""
    time = time_of_micros(nanos // 1_000)
    return nanos if isinstance(time, int) else time


def local_of_micros(micros: int) -> str | int:
    """Microseconds since 1970 on a clock without a zone, as ISO text without a zone; the number itself outside of the
    years 1 to 9999."""
    time = time_of_micros(micros)
    return micros if isinstance(time, int) else _short(time.isoformat()[:-6])


def local_of_millis(millis: int) -> str | int:
    """The same of milliseconds."""
    text = local_of_micros(millis * 1_000)
    return millis if isinstance(text, int) else text


def local_of_nanos(nanos: int) -> str | int:
    """The same of nanoseconds, cut to microseconds."""
    text = local_of_micros(nanos // 1_000)
    return nanos if isinstance(text, int) else text


def date_of_days(days: int) -> str | int:
    """Days since 1970-01-01 as ISO text; the number itself outside of the years 1 to 9999."""
    if -_EPOCH_DAY < days <= _LAST_DAY:
        return date.fromordinal(_EPOCH_DAY + days).isoformat()
    return days


def clock_of_micros(micros: int) -> str | int:
    """Microseconds since midnight as ISO text, "14:30:00"; the number itself if a day hasn't so many."""
    if 0 <= micros < _DAY_US:
        return _short((_EPOCH + timedelta(microseconds=micros)).time().isoformat())
    return micros


def clock_of_millis(millis: int) -> str | int:
    """The same of milliseconds."""
    text = clock_of_micros(millis * 1_000)
    return millis if isinstance(text, int) else text


def clock_of_nanos(nanos: int) -> str | int:
    """The same of nanoseconds, cut to microseconds."""
    text = clock_of_micros(nanos // 1_000)
    return nanos if isinstance(text, int) else text


def _short(text: str) -> str:
    """Without idle zeros after the second, as the language writes times."""
    return text.rstrip("0") if "." in text else text


def base64_of(data: bytes) -> str:
    """Bytes as base64 text with padding (RFC 4648, section 4), as the JSON forms of Protobuf and of Connect have it."""
    return b2a_base64(data, newline=False).decode("ascii")


def uuid_of(data: bytes) -> str:
    """16 bytes as the text of a UUID; other bytes as base64 text."""
    return str(UUID(bytes=bytes(data))) if len(data) == 16 else base64_of(data)

"""`Retry-After`: the time that a response asks its client to wait."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

CEILING: Final = 10 * 365 * 86400.0
"""Ten years: the upper bound of `Retry-After`, so that the date of its end can be shown."""

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?|\.[0-9]+")


def retry_after(headers: Iterable[tuple[str, str]], now: float) -> float | None:
    """Seconds that a response asks us to wait, or None if it has no valid value.

    Takes `retry-after-ms` and `retry-after` in seconds, with decimals, or as an HTTP date, which is relative to
    the answer's own `Date` (`now`, in seconds since 1970, where it has none): our clock may be wrong. A date
    that has passed is 0; negative numbers, NaN and words say nothing. Of several the longest is taken.
    """
    wishes: list[float] = []
    parsed = list(headers)  # a `HeaderBlock` parses its lines each time
    for name, value in parsed:
        if name == "retry-after":
            wishes.extend(_seconds(value.strip(), parsed, now))
        elif name == "retry-after-ms":
            wishes.extend(milliseconds / 1000 for milliseconds in _numbers(value.strip()))
    return min(max(wishes), CEILING) if wishes else None


def _seconds(text: str, headers: Sequence[tuple[str, str]], now: float) -> Iterator[float]:
    numbers = list(_numbers(text))
    if numbers:
        yield from numbers
        return
    until = _date(text)
    if until is not None:
        yield max(0.0, until - _answered_at(headers, now))


def _numbers(text: str) -> Iterator[float]:
    # A proxy may join the values of a repeated header by commas.
    for part in map(str.strip, text.split(",")):
        # What `strip` takes for white space isn't all that for `float`.
        if _NUMBER.fullmatch(part) and math.isfinite(number := float(part)):
            yield number


def _answered_at(headers: Sequence[tuple[str, str]], now: float) -> float:
    for name, value in headers:
        if name == "date" and (date := _date(value.strip())) is not None:
            return date
    return now


def _date(text: str) -> float | None:
    try:
        date = parsedate_to_datetime(text)
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        return (date - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

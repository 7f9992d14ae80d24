"""How long to wait before the next try: by the service's own word (`Retry-After`), or by our backoff."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

FIRST: Final = 0.5
"""Seconds that the first retry waits at most."""
LONGEST: Final = 30.0
"""Seconds that any retry waits at most by our own backoff."""
CEILING: Final = 10 * 365 * 86400.0
"""Ten years: what a `Retry-After` is cut to, so that the date at which it ends can still be shown."""

_NUMBER: Final = re.compile(r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?|\.[0-9]+")


def backoff(attempt: int, random: Callable[[], float]) -> float:
    """Seconds before try number `attempt` + 1: capped exponential with full jitter.

    `attempt` counts the tries that failed, from 1; `random` gives a number from 0 to 1.
    """
    return random() * min(LONGEST, FIRST * 2.0 ** min(max(attempt, 1) - 1, 16))


def wait(attempt: int, retry_after: float | None, random: Callable[[], float]) -> float:
    """Seconds before the next try: the service's wish to its full length and our jitter on top, or our backoff.

    The jitter is added also to a wish of 0, which would otherwise be an invitation to try without a pause.
    """
    return (retry_after or 0.0) + backoff(attempt, random)


def retry_after(headers: Sequence[tuple[str, str]], now: float) -> float | None:
    """Seconds that an answer asks us to wait, or None when it doesn't say so in a form that means anything.

    Takes `retry-after-ms` and `retry-after` in seconds, with decimals, or as an HTTP date, which is relative to
    the answer's own `Date` (`now`, in seconds since 1970, where it has none): our clock may be wrong. A date
    that has passed is 0; negative numbers, NaN and words say nothing. Of several the longest is taken.
    """
    wishes: list[float] = []
    for name, value in headers:
        if name == "retry-after":
            wishes.extend(_seconds(value.strip(), headers, now))
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

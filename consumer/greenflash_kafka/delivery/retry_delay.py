"""The delay before the next attempt: the service's `Retry-After`, or exponential backoff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

FIRST: Final = 0.5
"""Longest delay of the first retry, in seconds."""
LONGEST: Final = 30.0
"""Longest delay of any retry by our own backoff, in seconds."""


def backoff(attempt: int, random: Callable[[], float]) -> float:
    """Seconds before attempt number `attempt` + 1: capped exponential with full jitter.

    `attempt` counts the tries that failed, from 1; `random` gives a number from 0 to 1.
    """
    return random() * min(LONGEST, FIRST * 2.0 ** min(max(attempt, 1) - 1, 16))


def delay(attempt: int, retry_after: float | None, random: Callable[[], float]) -> float:
    """Seconds before the next attempt: the service's full delay plus our jitter, or our backoff.

    The jitter is also added to a delay of 0: otherwise requests would be repeated without any pause.
    """
    return (retry_after or 0.0) + backoff(attempt, random)

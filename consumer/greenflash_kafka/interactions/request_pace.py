"""The pace of requests: the time at which the next may go out. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

FIRST_WAIT: Final = 1.0
LONGEST_WAIT: Final = 60.0
"""Seconds between two attempts after a failure: doubled from the first on, less up to half of it at random."""


class RequestPace:
    """At most `rate` requests a second, counted from the answer to the one before: so the service never sees two that
    are closer, however long one was under way. Seconds on a steady clock."""

    def __init__(self, rate: float, now: float, chance: Callable[[], float]) -> None:
        """`now`: when this process began. A process before may have asked a moment ago, so the first waits, too."""
        self._interval = 1.0 / rate
        self._chance = chance
        self._failures = 0
        self.due = now + self._interval

    def answered(self, now: float) -> None:
        """A page came."""
        self._failures = 0
        self.due = now + self._interval

    def failed(self, now: float, wanted: float | None) -> float:
        """It didn't; `wanted`: the seconds that the service asks for. The seconds that are waited."""
        longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self._failures, 10))
        self._failures += 1
        wait = max(self._interval, wanted if wanted is not None else longest * (1 - self._chance() / 2))
        self.due = now + wait
        return wait

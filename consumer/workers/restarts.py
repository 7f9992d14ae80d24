"""When a worker that ended by itself is started again."""

from __future__ import annotations

from typing import Final

FIRST: Final = 1.0
"""Seconds before the first restart; each further one waits twice as long..."""

LONGEST: Final = 60.0
"""...up to this..."""

STEADY: Final = 120.0
"""...until a worker has lived for so long: then the next restart is a first one again."""


class Restarts:
    """One place's history. Times are seconds of any clock that never jumps."""

    def __init__(self) -> None:
        self._in_a_row = 0

    def wait(self, lived: float) -> float:
        """Seconds until the next start, after a life of so many seconds."""
        if lived >= STEADY:
            self._in_a_row = 0
        self._in_a_row += 1
        return min(LONGEST, FIRST * 2.0 ** min(self._in_a_row - 1, 16))

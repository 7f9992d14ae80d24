"""Everything that is due later, in one heap: retries, probes, commits, drains."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

from greenflash_kafka.ports import Clock


class Deadline:
    """A point in time at which `action` runs once, unless it is cancelled before."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], None]) -> None:
        self.at = at
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Never run; safe to call twice, or after it ran."""
        self.action = None


class Deadlines:
    """A heap of deadlines on a clock's `monotonic` seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Deadline]] = []
        self._order = itertools.count()

    def after(self, seconds: float, action: Callable[[], None]) -> Deadline:
        """Run `action` in `seconds` from now, from within `run_due`."""
        return self.at(self._clock.monotonic() + seconds, action)

    def at(self, moment: float, action: Callable[[], None]) -> Deadline:
        """Run `action` at this moment of the clock's `monotonic`, from within `run_due`."""
        deadline = Deadline(moment, action)
        heapq.heappush(self._heap, (deadline.at, next(self._order), deadline))
        return deadline

    def run_due(self) -> None:
        """Run everything whose time has come, earliest first; what they add runs in the next call at the earliest."""
        now = self._clock.monotonic()
        due = []
        while self._heap and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap)[2])
        for deadline in due:
            action, deadline.action = deadline.action, None
            if action is not None:
                action()

    def wait(self, most: float) -> float:
        """Seconds until the next deadline, at most `most`, at least 0."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        if not self._heap:
            return most
        return min(most, max(0.0, self._heap[0][0] - self._clock.monotonic()))

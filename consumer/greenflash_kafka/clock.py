"""The machine's own time, as `ports.Clock`."""

from __future__ import annotations

import time


class SystemClock:
    """`ports.Clock` on the operating system's clocks."""

    def monotonic(self) -> float:
        """See `ports.Clock`."""
        return time.monotonic()

    def now(self) -> float:
        """See `ports.Clock`."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """See `ports.Clock`."""
        time.sleep(seconds)

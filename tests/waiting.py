"""Waiting, bounded by progress: a slow machine takes its time, and what stands still is given up."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds without any progress: far more than a busy machine needs from one step to the next."""

LONGEST = 400.0
"""Seconds for one thing, whatever moves: what is retried without end moves for ever."""


def until(
    done: Callable[[], object],
    what: str,
    patience: float = PATIENCE,
    *,
    progress: Callable[[], object] = lambda: None,
    every: float = 0.05,
) -> None:
    """Poll `every` so many seconds until it is so. Raises AssertionError with `what` when `progress`, which is asked
    now and then, has given the same for `patience` seconds, or after `LONGEST`."""
    began = moved = looked = time.monotonic()
    seen = progress()
    while not done():
        now = time.monotonic()
        if now - looked > patience / 20:
            looked = now
            if (found := progress()) != seen:
                seen, moved = found, now
        assert now - moved < patience, f"waited {now - began:.0f} s for {what}; nothing moved for {patience:.0f} s"
        assert now - began < LONGEST, f"waited {now - began:.0f} s for {what}"
        time.sleep(every)

"""Detection of outages: a row of failures that concerns all events, not one."""

from __future__ import annotations

from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.delivery.send import Send

ROW = 10
"""So many consecutive failures, with no other response in between, are an outage..."""
EVENTS = 5
"""...if they are of so many different events at least..."""
WITHIN = 120.0
"""...and from the first to the last it took at most so many seconds."""

_FAULTS = frozenset({"connect", "descriptors", "dns", "timeout", "reset"})


class FailureStreak:
    """Counts consecutive failures that no other response has interrupted."""

    def __init__(self) -> None:
        self._failures = 0
        self._events: set[str] = set()
        self._began = 0.0

    def failed(self, send: Send, verdict: Verdict, accepted: int, now: float) -> bool:
        """Note a failure; True when the row is long enough to be an outage.

        `accepted` counts the events accepted so far. An event whose last failure others have outlived fails alone: it
        says nothing about the service, however many of its kind there are.
        """
        if not (verdict.code in _FAULTS or verdict.code.startswith("status-5")):
            self.reset()
            return False
        alone = 0 <= send.accepted_at_failure < accepted
        send.accepted_at_failure = accepted
        if alone:
            return False
        if not self._failures or now - self._began > WITHIN:
            self.reset()
            self._began = now
        self._failures += 1
        if len(self._events) < EVENTS:
            self._events.add(send.event.insert_id)
        return self._failures >= ROW and len(self._events) >= EVENTS

    def reset(self) -> None:
        """Note another response: the row of failures ends."""
        if self._failures:
            self._failures = 0
            self._events.clear()

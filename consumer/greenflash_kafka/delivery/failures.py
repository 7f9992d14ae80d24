"""Failures of one event, and the row of failures that concerns all events: an outage."""

from __future__ import annotations

import msgspec

ROW = 10
"""So many consecutive failures, with no other response in between, are an outage..."""
EVENTS = 5
"""...if they are of so many different events at least..."""
WITHIN = 120.0
"""...and from the first to the last it took at most so many seconds."""

_FAULTS = frozenset({"connect", "descriptors", "dns", "timeout", "reset"})


class Failures(msgspec.Struct, gc=False):
    """The past failures of one event, as far as they decide about its next one.

    `code`: the latest verdict's; `same`: how often in a row. `retried_since`: monotonic seconds of its first retry, 0
    before. The others are numbers of events accepted so far, -1 before: at the first retry, when a response to this
    event last paused the delivery, and when it last failed as all events fail in an outage.
    """

    code: str = ""
    same: int = 0
    retried_since: float = 0.0
    accepted_at_retry: int = -1
    accepted_at_pause: int = -1
    accepted_at_failure: int = -1

    def in_a_row(self, code: str) -> int:
        """How often in a row this code would have come, the next time included."""
        return self.same + 1 if code == self.code else 1

    def note(self, code: str) -> None:
        """Note the code of another response."""
        self.same, self.code = self.in_a_row(code), code

    def forget_codes(self) -> None:
        """Note that the event isn't the same any more: earlier responses say nothing about the next one."""
        self.same, self.code = 0, ""


class FailureStreak:
    """Counts consecutive failures that no other response has interrupted."""

    def __init__(self) -> None:
        self._failures = 0
        self._events: set[str] = set()
        self._began = 0.0

    def failed(self, event_id: str, failures: Failures, code: str, accepted: int, now: float) -> bool:
        """Note a failure; True when the row is long enough to be an outage.

        `accepted` counts the events accepted so far. An event whose last failure others have outlived fails alone: it
        says nothing about the service, however many of its kind there are.
        """
        if not (code in _FAULTS or code.startswith("status-5")):
            self.reset()
            return False
        alone = 0 <= failures.accepted_at_failure < accepted
        failures.accepted_at_failure = accepted
        if alone:
            return False
        if not self._failures or now - self._began > WITHIN:
            self.reset()
            self._began = now
        self._failures += 1
        if len(self._events) < EVENTS:
            self._events.add(event_id)
        return self._failures >= ROW and len(self._events) >= EVENTS

    def reset(self) -> None:
        """Note another response: the row of failures ends."""
        if self._failures:
            self._failures = 0
            self._events.clear()

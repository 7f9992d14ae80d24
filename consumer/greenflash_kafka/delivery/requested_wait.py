"""The wait that the service requests with `Retry-After`, and its notices in the log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from greenflash_kafka.deadlines import Deadline, Deadlines
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.ports import Clock, Listener

LONG_SECONDS: Final = 900.0
"""A wait of more seconds than these is an error in the log, and makes the process not ready."""

PROBED_BEYOND: Final = 3600.0
"""A wait of more seconds than these is probed: otherwise one wrong header of a proxy would stop delivery until a
restart. Rate limits of a second, a minute or an hour are observed exactly."""

PROBE_SECONDS: Final = 300.0
"""Seconds between the probes of such a wait: so few requests hardly count against a quota, and a wrong header costs
minutes."""


def until_probe(seconds: float) -> float:
    """Seconds until a probe may be sent when the service requests a wait of so many."""
    return seconds if seconds <= PROBED_BEYOND else PROBE_SECONDS


def asks_for_long(verdict: Verdict) -> bool:
    """True if it requests so long a wait, for the whole key, that probes check it."""
    return verdict.shared and (verdict.retry_after or 0.0) > PROBED_BEYOND


class RequestedWait:
    """The time until which nothing may be sent. Of several requests the longest counts; a probe's response replaces all
    before it.

    A wait is reported once, and again only when it becomes one of a longer kind: each response to a request in flight
    may request a wait of its own.
    """

    def __init__(self, clock: Clock, deadlines: Deadlines, listener: Listener) -> None:
        self._clock = clock
        self._deadlines = deadlines
        self._listener = listener
        self._wake: Deadline | None = None
        self._began = 0.0
        self._probe_at = 0.0
        self._told = -1
        self._code = ""
        self.until = 0.0
        """The end, by the clock's `monotonic`; 0 when there is no wait."""
        self.probed = False
        """True if it is so long that an accepted probe ends it."""

    @property
    def left(self) -> float:
        """Seconds left, 0 when there is no wait."""
        return max(0.0, self.until - self._clock.monotonic()) if self.until else 0.0

    @property
    def before_probe(self) -> float:
        """Seconds in which not even a probe may be sent."""
        left = self.left
        return min(left, max(0.0, self._probe_at - self._clock.monotonic())) if self.probed else left

    def ask(self, seconds: float, code: str) -> None:
        """Send nothing for at least so many seconds."""
        if self._clock.monotonic() + seconds > self.until:
            self._set(seconds, code)

    def probe_answered(self, seconds: float | None, code: str) -> None:
        """Replace the wait with the one that a probe's response requests; None requests no wait."""
        if seconds:
            self._set(seconds, code)
        elif self.probed:
            self._probe_at = self._clock.monotonic() + PROBE_SECONDS

    def over(self) -> None:
        """End the wait: its time is over, or a probe has shown that it doesn't apply any more."""
        now, self.until, self.probed = self._clock.monotonic(), 0.0, False
        if self._wake is not None:
            self._wake.cancel()
        if self._told > 0:
            self._listener.notice("delivery_wait_over", code=self._code, seconds=round(now - self._began))
        self._told = -1

    def _set(self, seconds: float, code: str) -> None:
        now = self._clock.monotonic()
        if not self.until:
            self._began = now
        self.until, self._code = now + seconds, code
        self.probed = self.probed or seconds > PROBED_BEYOND
        self._probe_at = now + until_probe(seconds)
        if self._wake is not None:
            self._wake.cancel()
        # Nothing to do then but to wake the loop: `pump` sees that the time has come.
        self._wake = self._deadlines.after(seconds, lambda: None)
        kind = (seconds > LONG_SECONDS) + (seconds > PROBED_BEYOND)
        if kind > self._told:
            self._told = kind
            self._report(seconds, code)

    def _report(self, seconds: float, code: str) -> None:
        if not self._told:
            self._listener.notice("delivery_waiting", seconds=round(seconds, 3), code=code)
            return
        until = datetime.fromtimestamp(self._clock.now() + seconds, UTC)
        probes = (
            f"but one event every {PROBE_SECONDS / 60:g} minutes, and the first that is accepted ends the wait"
            if self.probed
            else "at all"
        )
        self._listener.notice(
            "delivery_waits_long",
            seconds=round(seconds),
            until=f"{until:%Y-%m-%dT%H:%M:%SZ}",
            code=code,
            text=f"the answer's Retry-After asks for {seconds:.0f} s; until then nothing is sent {probes}; "
            "a restart forgets the wait",
        )

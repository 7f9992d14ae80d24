"""The wait that the service requests with `Retry-After`, and its notices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from greenflash_kafka.delivery.pause_notices import Notice
from greenflash_kafka.delivery.response_table import Verdict

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
    """The time until which nothing may be sent. Times are monotonic seconds, but `wall`: seconds since 1970.

    A wait is reported once, and again only when it becomes one of a longer kind: each response to a request in flight
    may request a wait of its own.
    """

    def __init__(self) -> None:
        self._began = 0.0
        self._probe_at = 0.0
        self._reported = -1
        self._code = ""
        self.until = 0.0
        """The end; 0 when there is no wait."""
        self.probed = False
        """True if it is so long that an accepted probe ends it."""

    def left(self, now: float) -> float:
        """Seconds left, 0 when there is no wait."""
        return max(0.0, self.until - now) if self.until else 0.0

    def before_probe(self, now: float) -> float:
        """Seconds in which not even a probe may be sent."""
        left = self.left(now)
        return min(left, max(0.0, self._probe_at - now)) if self.probed else left

    def extend(self, seconds: float, code: str, now: float, wall: float) -> Notice | None:
        """Send nothing for at least so many seconds: of several requests the longest counts."""
        return self._set(seconds, code, now, wall) if now + seconds > self.until else None

    def replace(self, seconds: float | None, code: str, now: float, wall: float) -> Notice | None:
        """Replace the wait with the one that a probe's response requests; None requests no wait."""
        if seconds:
            return self._set(seconds, code, now, wall)
        if self.probed:
            self._probe_at = now + PROBE_SECONDS
        return None

    def end(self, now: float) -> Notice | None:
        """End the wait: its time is over, or a probe has shown that it doesn't apply any more."""
        reported, self._reported, self.until, self.probed = self._reported, -1, 0.0, False
        if reported <= 0:
            return None
        return "delivery_wait_over", {"code": self._code, "seconds": round(now - self._began)}

    def _set(self, seconds: float, code: str, now: float, wall: float) -> Notice | None:
        if not self.until:
            self._began = now
        self.until, self._code = now + seconds, code
        self.probed = self.probed or seconds > PROBED_BEYOND
        self._probe_at = now + until_probe(seconds)
        kind = (seconds > LONG_SECONDS) + (seconds > PROBED_BEYOND)
        if kind <= self._reported:
            return None
        self._reported = kind
        if not kind:
            return "delivery_waiting", {"seconds": round(seconds, 3), "code": code}
        probes = (
            f"but one event every {PROBE_SECONDS / 60:g} minutes, and the first that is accepted ends the wait"
            if self.probed
            else "at all"
        )
        return "delivery_waits_long", {
            "seconds": round(seconds),
            "until": f"{datetime.fromtimestamp(wall + seconds, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "code": code,
            "text": f"the answer's Retry-After asks for {seconds:.0f} s; until then nothing is sent {probes}; "
            "a restart forgets the wait",
        }

"""The number of requests that may start now: adaptive limit, slow start after an outage, rate limit."""

from __future__ import annotations

from greenflash_kafka.delivery.adaptive_limit import AdaptiveLimit, Kind
from greenflash_kafka.ports import Clock

SLOW_START_FROM = 2
"""Concurrent requests right after an outage; each acceptance allows one more, so they double with each response
time."""

SMOOTH = 0.05
"""Seconds' worth of events that may be sent at once under a rate limit."""


class RateLimiter:
    """`most`: upper limit of concurrent requests. `per_second`: events a second, retries included; None for no limit.
    `adaptive`: lower the limit while the service is slow or requests a wait."""

    def __init__(self, clock: Clock, most: int, per_second: float | None = None, adaptive: bool = False) -> None:
        self._clock = clock
        self._most = most
        self._rate = per_second
        self._burst = max(1.0, (per_second or 0.0) * SMOOTH)
        self._tokens = self._burst
        self._at = clock.monotonic()
        self._start_limit = most
        self._adaptive_limit = AdaptiveLimit(most) if adaptive else None

    @property
    def slots(self) -> int:
        """Concurrent requests that are allowed now."""
        return self._start_limit if self._adaptive_limit is None else min(self._start_limit, self._adaptive_limit.limit)

    def room(self, in_flight: int) -> int:
        """The number of requests that may start now."""
        room = self.slots - in_flight
        if self._rate is None or room <= 0:
            return room
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        # What is missing by no more than a float's last digits isn't missing.
        return min(room, int(self._tokens + 1e-9))

    def started(self) -> None:
        """Note a request that was sent; needed only under a rate limit."""
        self._tokens -= 1.0

    @property
    def wait(self) -> float:
        """Seconds until the rate allows the next one, 0 when it does."""
        return 0.0 if self._rate is None else max(0.0, (1.0 - self._tokens) / self._rate)

    def answered(self, kind: Kind, seconds: float, in_flight: int, now: float) -> None:
        """Note a response that came at `now` after `seconds`, as one of `in_flight`; in slow start each acceptance
        allows one more."""
        if kind == "accepted" and self._start_limit < self._most:
            self._start_limit += 1
        if self._adaptive_limit is not None:
            self._adaptive_limit.answered(kind, seconds, in_flight, now)

    def slow_start(self) -> None:
        """Start again with few requests: after an outage all waiting events would be sent at once."""
        self._start_limit = min(SLOW_START_FROM, self._most)

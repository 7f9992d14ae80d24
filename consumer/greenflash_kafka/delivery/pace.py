"""How many requests may start now: by what is good for the service, by the ramp after an outage, and by the rate."""

from __future__ import annotations

from greenflash_kafka.delivery.concurrency import Concurrency, Kind
from greenflash_kafka.ports import Clock

RAMP_FROM = 2
"""Requests at once right after an outage; each acceptance allows one more, so they double with each answer time."""

SMOOTH = 0.05
"""Seconds' worth of events that may go out at once under a rate limit."""


class Pace:
    """`most`: requests at once. `per_second`: events a second, retries included; None for no limit. `adaptive`: fewer
    than `most` while the service is slow or asks for time."""

    def __init__(self, clock: Clock, most: int, per_second: float | None = None, adaptive: bool = False) -> None:
        self._clock = clock
        self._most = most
        self._rate = per_second
        self._burst = max(1.0, (per_second or 0.0) * SMOOTH)
        self._tokens = self._burst
        self._at = clock.monotonic()
        self._ramp = most
        self._concurrency = Concurrency(most) if adaptive else None

    @property
    def slots(self) -> int:
        """Requests at once that are allowed now."""
        return self._ramp if self._concurrency is None else min(self._ramp, self._concurrency.limit)

    def room(self, in_flight: int) -> int:
        """How many may start now."""
        room = self.slots - in_flight
        if self._rate is None or room <= 0:
            return room
        now = self._clock.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        # What is missing by no more than a float's last digits isn't missing.
        return min(room, int(self._tokens + 1e-9))

    def started(self) -> None:
        """One went out; to be told where there is a rate limit."""
        self._tokens -= 1.0

    @property
    def wait(self) -> float:
        """Seconds until the rate allows the next one, 0 when it does."""
        return 0.0 if self._rate is None else max(0.0, (1.0 - self._tokens) / self._rate)

    def answered(self, kind: Kind, seconds: float, in_flight: int, now: float) -> None:
        """An answer came at `now` after `seconds`, as one of `in_flight`; ramping up, each accepted allows one more."""
        if kind == "accepted" and self._ramp < self._most:
            self._ramp += 1
        if self._concurrency is not None:
            self._concurrency.answered(kind, seconds, in_flight, now)

    def ramp(self) -> None:
        """Begin anew with few: after an outage everything that waited would go out at once."""
        self._ramp = min(RAMP_FROM, self._most)

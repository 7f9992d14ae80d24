"""SendLimits of requests that may start now: adaptive limit, slow start after an outage, rate limit.

Pure: times are arguments, in monotonic seconds.
"""

from __future__ import annotations

from math import inf
from typing import Literal

Kind = Literal["accepted", "asked", "busy", "other"]
"""Kind of a response: accepted; asked (the service requests a wait: 429, Retry-After); busy (503 without a time);
anything else (a rejection, a fault), from which nothing can be learnt here."""

START = 32
"""Initial limit of concurrent requests; each acceptance raises it by one until something is wrong."""

ENOUGH = 0.2
"""Responses within so many seconds never count as slow: noise, our own process's included, stays below."""

SLOW = 2.0
"""A round is slow if it takes more than so many times as long as the quickest recent round..."""

PAYS = 0.7
"""...and the lower limit is kept only if with half as many requests a round takes at most this fraction of the time."""

LESS_ASKED = 0.7
"""Factor of the limit when the service requests a wait, or every fourth response is a 503."""

LESS_SLOW = 0.5
"""Factor of the limit when responses are slow: this empties a queue of twice the normal time and keeps the service
busy."""

ROUND = 4
"""Least number of responses in a round."""

SLOW_START_FROM = 2
"""Concurrent requests right after an outage; each acceptance allows one more, so they double with each response
time."""

SMOOTH = 0.05
"""Seconds' worth of events that may be sent at once under a rate limit."""


def kind_of(status: int, shared: bool, first_try: bool) -> Kind:
    """The kind of a response that isn't an acceptance; `shared`: it requests a wait for all. A 503 to an event that has
    failed before may be about the event."""
    if shared or status == 429:
        return "asked"
    return "busy" if status == 503 and first_try else "other"


class AdaptiveLimit:
    """The limit of concurrent requests, 1 to `most`; learns from responses, in rounds of about one full set of them.

    Only answers to requests sent since the round began count, so that one incident is one decrease. A round is as
    quick as its quickest acceptance: when requests queue all are slow, while a few slow events or a slow partition
    alone aren't a queue. If fewer requests don't make the answers quicker, the slowness isn't ours: the decrease is
    taken back.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._step = max(1, most // 32)
        self.limit = min(most, START)
        """The limit of concurrent requests, as far as is known."""
        self._rising = True
        self._least = inf
        self._before: tuple[int, float] | None = None
        self._began = -inf
        self._answers = self._busy = 0
        self._quickest = inf
        self._used = False

    def answered(self, kind: Kind, seconds: float, in_flight: int, now: float) -> None:
        """Note a response that came at `now` after `seconds`, as one of `in_flight` requests."""
        if now - seconds < self._began:
            return
        self._answers += 1
        if in_flight >= self.limit:
            self._used = True
        if kind == "accepted":
            if seconds < self._quickest:
                self._quickest = seconds
            if self._rising and self._used and self.limit < self._most:
                self.limit += 1
        elif kind == "asked":
            self._fewer(LESS_ASKED)
            self._next(now)
            return
        elif kind == "busy":
            self._busy += 1
        if self._answers >= ROUND and self._answers >= self.limit:
            self._judge()
            self._next(now)

    def _judge(self) -> None:
        quick, before = self._quickest, self._before
        self._before = None
        if self._busy * 4 >= self._answers:
            self._fewer(LESS_ASKED)
            return
        if quick == inf:
            return
        self._least = min(self._least, quick)
        if not self._used:
            return
        if quick <= max(ENOUGH, SLOW * self._least):
            self.limit = min(self._most, self.limit + self._step)
        elif before is not None and quick > PAYS * before[1]:
            # As slow with fewer: that is how long it takes now, and the requests we didn't make were lost time.
            self.limit, self._least = before[0], quick
        else:
            self._before = (self.limit, quick)
            self._fewer(LESS_SLOW, keep=True)

    def _fewer(self, part: float, keep: bool = False) -> None:
        self._rising = False
        self.limit = max(1, int(self.limit * part))
        if not keep:
            self._before = None

    def _next(self, now: float) -> None:
        self._began = now
        self._answers = self._busy = 0
        self._quickest = inf
        self._used = False


class RateLimiter:
    """A token bucket: `per_second` requests, and at most `SMOOTH` seconds' worth of them at once."""

    def __init__(self, per_second: float) -> None:
        self._rate = per_second
        self._burst = self._tokens = max(1.0, per_second * SMOOTH)
        self._at = -inf

    def room(self, now: float) -> int:
        """The number of requests that may start now."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        # What is missing by no more than a float's last digits isn't missing.
        return int(self._tokens + 1e-9)

    def started(self) -> None:
        """Note a request that was sent."""
        self._tokens -= 1.0

    @property
    def wait(self) -> float:
        """Seconds from the last `room` until the rate allows the next one, 0 when it does."""
        return max(0.0, (1.0 - self._tokens) / self._rate)


class SendLimits:
    """`most`: upper limit of concurrent requests. `per_second`: events a second, retries included; None for no limit.
    `adaptive`: lower the limit while the service is slow or requests a wait."""

    def __init__(self, most: int, per_second: float | None = None, adaptive: bool = False) -> None:
        self._most = most
        self._start_limit = most
        self._adaptive_limit = AdaptiveLimit(most) if adaptive else None
        self.rate = None if per_second is None else RateLimiter(per_second)
        """The limit of requests by time, if there is one: each request that starts has to be noted there."""

    @property
    def slots(self) -> int:
        """Concurrent requests that are allowed now."""
        return self._start_limit if self._adaptive_limit is None else min(self._start_limit, self._adaptive_limit.limit)

    def room(self, in_flight: int, now: float) -> int:
        """The number of requests that may start now."""
        room = self.slots - in_flight
        return room if self.rate is None or room <= 0 else min(room, self.rate.room(now))

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

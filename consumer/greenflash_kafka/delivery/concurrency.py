"""How many requests at once are good for the service: more while they pay, fewer when it only queues them."""

from __future__ import annotations

from math import inf
from typing import Literal

Kind = Literal["accepted", "asked", "busy", "other"]
"""What an answer says: an event accepted; the service asks for time (429, Retry-After); 503 without a time; anything
else (a refusal, a fault), of which nothing can be learnt here."""

START = 32
"""Requests at once to begin with; each acceptance allows one more until something is wrong."""

ENOUGH = 0.2
"""Seconds within which an answer is never slow: noise, our own process's included, stays below."""

SLOW = 2.0
"""Slow is more than so many times the quickest round of late..."""

PAYS = 0.7
"""...and with half as many requests the answers have to be as quick as that, or fewer only cost throughput."""

LESS_ASKED = 0.7
"""What is left of the limit when the service asks for time, or every fourth answer is a 503."""

LESS_SLOW = 0.5
"""What is left of it when answers are slow: a queue of twice the time is emptied, and the service is kept busy."""

ROUND = 4
"""Answers that a round has at least."""


class Concurrency:
    """The limit of requests at once, 1 to `most`; learns from answers, in rounds of about one full set of them.

    Only answers to requests sent since the round began count, so that one incident is one decrease. A round is as
    quick as its quickest acceptance: when requests queue all are slow, while a few slow events or a slow partition
    alone aren't a queue. If fewer requests don't make the answers quicker, the slowness isn't ours: the decrease is
    taken back.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._step = max(1, most // 32)
        self.limit = min(most, START)
        """Requests at once that are good for the service, as far as is known."""
        self._rising = True
        self._least = inf
        self._before: tuple[int, float] | None = None
        self._began = -inf
        self._answers = self._busy = 0
        self._quickest = inf
        self._used = False

    def answered(self, kind: Kind, seconds: float, in_flight: int, now: float) -> None:
        """An answer came at `now` after `seconds`, as one of `in_flight` requests."""
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

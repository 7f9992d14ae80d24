"""A world in memory for the real pipeline: virtual time, a partitioned log, an API that does as it is told."""

from __future__ import annotations

import heapq
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from greenflash_kafka.ports import Reply, Request

Answer = Callable[[Request], Reply]


class VirtualClock:
    """`ports.Clock` whose time passes only by sleeping and waiting."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return 1_795_000_000.0 + self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Notices:
    """`ports.Listener` that remembers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, object]]] = []
        self.counts: defaultdict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
        self.gauges: dict[tuple[str, tuple[str, ...]], float] = {}
        self.observed: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)

    def notice(self, name: str, **facts: object) -> None:
        self.seen.append((name, facts))

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        self.counts[metric, labels] += amount

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        self.gauges[metric, labels] = value

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        del total
        before = self.observed[metric, labels] or [0] * len(counts)
        self.observed[metric, labels] = [a + b for a, b in zip(before, counts, strict=True)]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.seen]


def accepted(request: Request) -> Reply:
    return Reply(request, 201, (), b'{"success": true, "eventId": "e"}')


def status(code: int, headers: Sequence[tuple[str, str]] = (), body: bytes = b"{}") -> Answer:
    return lambda request: Reply(request, code, headers, body)


class ScriptedApi:
    """`ports.Transport`: `answer` decides on each request, `latency` is how long it takes."""

    def __init__(self, clock: VirtualClock, latency: float = 0.01) -> None:
        self._clock = clock
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Request, float]] = []
        self.latency: Callable[[Mapping[str, object]], float] = lambda _: latency
        self.answer: Callable[[Mapping[str, object]], Answer] = lambda _: accepted
        self.requests: list[tuple[float, Mapping[str, object]]] = []
        self.stored: dict[str, Mapping[str, object]] = {}
        self.most_in_flight = 0

    def submit(self, request: Request) -> None:
        event = json.loads(request.body)
        self.requests.append((self._clock.time, event))
        heapq.heappush(
            self._waiting, (self._clock.time + self.latency(event), next(self._order), request, self._clock.time)
        )
        self.most_in_flight = max(self.most_in_flight, len(self._waiting))

    def poll(self, timeout: float) -> list[Reply]:
        until = self._clock.time + timeout
        if self._waiting:
            self._clock.time = max(self._clock.time, min(until, self._waiting[0][0]))
        else:
            self._clock.time = until
        replies = []
        while self._waiting and self._waiting[0][0] <= self._clock.time:
            _, _, request, began = heapq.heappop(self._waiting)
            event = json.loads(request.body)
            reply = self.answer(event)(request)
            reply.seconds = self._clock.time - began
            if reply.status in (200, 201) and b"true" in reply.body:
                self.stored[str(event["insertId"])] = event
            replies.append(reply)
        return replies

    def close(self) -> None:
        self._waiting.clear()

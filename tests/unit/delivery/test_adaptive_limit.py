"""The limit of requests at once against services of several kinds, in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

import pytest

from greenflash_kafka.delivery.limits import AdaptiveLimit, Kind

Service = Callable[[float, int], tuple[Kind, float]]
"""(now, requests in flight with this one) to what is answered and after how many seconds."""


class Load:
    """Always has something to send, and keeps to the limit."""

    def __init__(self, most: int = 128) -> None:
        self.concurrency = AdaptiveLimit(most)
        self.now = 0.0
        self.accepted = 0
        self._due: list[tuple[float, int, float, Kind]] = []
        self._number = 0

    def run(self, service: Service, seconds: float, hold: float = 1.0) -> list[int]:
        """Send for so long; returns the limit after each answer. `hold`: seconds of silence after a 429."""
        limits: list[int] = []
        until, held = self.now + seconds, 0.0
        while self.now < until:
            while len(self._due) < self.concurrency.limit and self.now >= held:
                kind, took = service(self.now, len(self._due) + 1)
                self._number += 1
                heappush(self._due, (self.now + took, self._number, self.now, kind))
            if not self._due:
                self.now = held
                continue
            self.now, _, sent, kind = heappop(self._due)
            self.concurrency.answered(kind, self.now - sent, len(self._due) + 1, self.now)
            self.accepted += kind == "accepted"
            if kind == "asked":
                held = self.now + hold
            limits.append(self.concurrency.limit)
        return limits


def workers(count: int, seconds: float) -> Service:
    """So many at a time, each for `seconds`; the others queue."""
    free = [0.0] * count

    def serve(now: float, _: int) -> tuple[Kind, float]:
        begins = max(now, free[0])
        heappop(free)
        heappush(free, begins + seconds)
        return "accepted", begins + seconds - now

    return serve


def quick(random: Random, seconds: float = 0.01) -> Service:
    """An API with room, whose answers scatter widely and now and then take long."""
    return lambda _now, _flying: (
        "accepted",
        seconds * random.uniform(0.5, 3) if random.random() < 0.99 else random.uniform(0.5, 3),
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_fast_api_with_jitter_gets_everything_within_moments_and_always(seed: int) -> None:
    load = Load()
    service = quick(Random(seed))
    load.run(service, 0.2)
    assert load.concurrency.limit == 128
    assert set(load.run(service, 60)) == {128}


def test_a_process_that_can_do_no_more_itself_is_no_slow_api() -> None:
    load = Load()
    load.run(lambda *_: ("accepted", 0.001), 0.1)
    assert set(load.run(workers(1, 0.001), 30)) == {128}, "128 ms each, but only because we can't read them sooner"


def test_an_api_that_is_slow_by_itself_gets_everything() -> None:
    load, random = Load(), Random(1)
    limits = load.run(lambda now, _: ("accepted", random.uniform(0.5, 0.8) * (1 if now < 60 else 4)), 300)
    assert load.concurrency.limit == 128
    assert sum(limits) / len(limits) > 120


def test_workers_with_a_queue_are_kept_busy_without_a_long_queue() -> None:
    load = Load()
    service = workers(8, 0.1)
    load.run(service, 60)
    before = load.accepted
    limits = load.run(service, 600)
    assert max(limits) <= 32, "128 would wait 1.6 s each"
    assert load.accepted - before >= 600 * 80 * 0.99, "none of the 8 workers is idle"


def test_answers_that_take_longer_the_more_there_are_lower_the_limit_as_long_as_that_pays() -> None:
    load = Load()
    load.run(lambda _, flying: ("accepted", 0.15 * (1 + flying / 4)), 120)
    assert 4 <= load.concurrency.limit < 100


def test_some_slow_events_among_quick_ones_are_no_queue() -> None:
    load, random = Load(), Random(2)
    load.run(lambda *_: ("accepted", 5.0 if random.random() < 0.5 else 0.02), 120)
    assert load.concurrency.limit == 128


def _at_most(rate: int) -> Service:
    seconds: dict[int, int] = {}

    def serve(now: float, _: int) -> tuple[Kind, float]:
        seconds[int(now)] = seconds.get(int(now), 0) + 1
        return ("accepted" if seconds[int(now)] <= rate else "asked"), 0.05

    return serve


def test_a_429_is_one_decrease_a_round_and_the_limit_comes_back_after_it() -> None:
    load = Load()
    load.run(quick(Random(3)), 1)
    load.run(lambda *_: ("asked", 0.05), 0.1, hold=0.2)
    assert load.concurrency.limit == 89, "128 answers of 429, one decrease"
    load.run(lambda *_: ("asked", 0.05), 60)
    assert load.concurrency.limit == 1
    load.run(quick(Random(4)), 10)
    assert load.concurrency.limit == 128


def test_a_rate_limit_is_used_and_seldom_hit() -> None:
    load = Load()
    service = _at_most(200)
    limits = load.run(service, 300)
    assert load.accepted > 300 * 200 * 0.4
    assert max(limits[len(limits) // 2 :]) < 64


def test_many_503_are_a_decrease_and_few_are_not() -> None:
    load, random = Load(), Random(5)
    load.run(lambda *_: ("busy" if random.random() < 0.1 else "accepted", 0.02), 30)
    assert load.concurrency.limit == 128
    load.run(lambda *_: ("busy" if random.random() < 0.5 else "accepted", 0.02), 30)
    assert load.concurrency.limit < 16


def test_the_limit_rises_only_as_far_as_it_is_used() -> None:
    concurrency = AdaptiveLimit(128)
    for number in range(1000):
        concurrency.answered("accepted", 0.01, 3, number * 0.1)
    assert concurrency.limit == 32


@pytest.mark.parametrize("most", [1, 2, 900])
def test_any_configured_most_is_kept_and_one_always_goes(most: int) -> None:
    load = Load(most)
    limits = load.run(workers(3, 0.3), 60)
    limits += load.run(lambda *_: ("asked", 0.05), 30)
    before = load.accepted
    limits += load.run(workers(2, 0.01), 60)
    assert min(limits) >= 1
    assert max(limits) <= most
    assert load.accepted > before

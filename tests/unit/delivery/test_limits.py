"""The number of requests that may start, by the rate and by the ramp after an outage."""

from __future__ import annotations

import pytest

from greenflash_kafka.delivery.limits import SLOW_START_FROM, Kind, RateLimiter, SendLimits, kind_of
from tests.simulation.world import VirtualClock


def started(pace: RateLimiter, clock: VirtualClock, seconds: float) -> int:
    """How many go out in so many seconds when there is always something to send and each is answered at once."""
    count, until = 0, clock.time + seconds
    while clock.time < until:
        for _ in range(pace.room(clock.time)):
            pace.started()
            count += 1
        clock.sleep(max(pace.wait, 0.0005))
    return count


def test_without_limits_all_slots_are_free() -> None:
    limits = SendLimits(8)
    assert limits.room(0, 0.0) == 8
    assert limits.room(8, 0.0) == 0
    assert limits.rate is None


def test_the_least_of_the_limits_counts() -> None:
    limits = SendLimits(8, per_second=40.0)
    assert limits.room(0, 0.0) == 2
    assert limits.room(7, 0.0) == 1


@pytest.mark.parametrize("rate", [0.5, 1.0, 3.0, 100.0])
def test_a_rate_is_kept_over_time(rate: float) -> None:
    clock = VirtualClock()
    pace = RateLimiter(rate)
    seconds = 50
    # What may go out at once at the beginning comes on top.
    assert rate * seconds - 1 <= started(pace, clock, seconds) <= rate * seconds * 1.01 + max(1.0, rate * 0.05) + 1


def test_a_quiet_hour_saves_no_burst_up() -> None:
    clock = VirtualClock()
    pace = RateLimiter(100.0)
    clock.sleep(3600)
    assert pace.room(clock.time) == 5


def test_the_wait_is_the_time_until_the_next_may_go() -> None:
    clock = VirtualClock()
    pace = RateLimiter(2.0)
    assert pace.room(clock.time) == 1
    pace.started()
    assert pace.room(clock.time) == 0
    clock.sleep(pace.wait)
    assert pace.room(clock.time) == 1


def test_after_an_outage_each_acceptance_allows_one_more() -> None:
    clock = VirtualClock()
    pace = SendLimits(6)
    pace.slow_start()
    assert pace.slots == SLOW_START_FROM
    pace.answered("other", 0.1, 2, clock.time)
    assert pace.slots == SLOW_START_FROM, "a failure allows none"
    for _ in range(10):
        pace.answered("accepted", 0.1, 2, clock.time)
    assert pace.slots == 6


def test_a_service_that_asks_for_time_gets_fewer_at_once_if_that_may_be() -> None:
    clock = VirtualClock()
    adaptive, fixed = SendLimits(64, adaptive=True), SendLimits(64)
    for pace in (adaptive, fixed):
        for _ in range(200):
            clock.sleep(0.05)
            pace.answered("accepted", 0.1, 64, clock.time)
        pace.answered("asked", 0.1, 64, clock.time)
    assert adaptive.slots < 64
    assert fixed.slots == 64


@pytest.mark.parametrize(
    ("status", "shared", "first_try", "kind"),
    [
        (429, False, True, "asked"),
        (503, True, True, "asked"),
        (503, False, True, "busy"),
        (503, False, False, "other"),
        (500, False, True, "other"),
        (0, False, True, "other"),
    ],
)
def test_a_response_that_is_no_acceptance_has_a_kind(status: int, shared: bool, first_try: bool, kind: Kind) -> None:
    assert kind_of(status, shared, first_try) == kind

"""The machine's own time."""

from __future__ import annotations

import time

from greenflash_kafka.clock import SystemClock


def test_sleeping_lets_so_much_time_pass_on_the_clock_of_deadlines() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.02)
    assert clock.monotonic() - before >= 0.02


def test_now_is_a_date_and_monotonic_is_none() -> None:
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 60
    assert abs(clock.monotonic() - clock.now()) > 1e8, "counted from a start of this machine, not from 1970"

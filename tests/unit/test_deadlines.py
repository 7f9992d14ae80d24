"""The heap of deadlines."""

from __future__ import annotations

from greenflash_kafka.deadlines import Deadlines
from tests.simulation.world import VirtualClock


def test_deadlines_run_in_order_and_once() -> None:
    clock = VirtualClock()
    ran: list[str] = []
    deadlines = Deadlines(clock)
    deadlines.after(2, lambda: ran.append("second"))
    deadlines.after(1, lambda: ran.append("first"))
    assert deadlines.wait(10) == 1
    clock.sleep(5)
    deadlines.run_due()
    deadlines.run_due()
    assert ran == ["first", "second"]
    assert deadlines.wait(10) == 10


def test_a_cancelled_deadline_never_runs_and_nobody_waits_for_it() -> None:
    clock = VirtualClock()
    ran: list[str] = []
    deadlines = Deadlines(clock)
    deadlines.after(1, lambda: ran.append("no")).cancel()
    assert deadlines.wait(10) == 10
    clock.sleep(2)
    deadlines.run_due()
    assert ran == []


def test_what_a_deadline_adds_waits_for_the_next_round() -> None:
    clock = VirtualClock()
    ran: list[str] = []
    deadlines = Deadlines(clock)

    def add() -> None:
        deadlines.after(0, lambda: ran.append("later"))

    deadlines.after(0, add)
    deadlines.run_due()
    assert ran == []
    deadlines.run_due()
    assert ran == ["later"]

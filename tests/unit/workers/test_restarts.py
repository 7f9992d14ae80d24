from __future__ import annotations

from consumer.workers.restarts import LONGEST, STEADY, Restarts


def test_each_restart_waits_twice_as_long_up_to_a_limit() -> None:
    restarts = Restarts()
    assert [restarts.wait(0.5) for _ in range(9)] == [1, 2, 4, 8, 16, 32, LONGEST, LONGEST, LONGEST]


def test_a_life_that_was_long_enough_makes_the_next_restart_a_first_one() -> None:
    restarts = Restarts()
    for _ in range(4):
        restarts.wait(STEADY - 1)
    assert [restarts.wait(STEADY), restarts.wait(1), restarts.wait(STEADY * 9)] == [1, 2, 1]


def test_a_worker_that_never_lives_long_is_tried_for_ever() -> None:
    restarts = Restarts()
    assert [restarts.wait(0) for _ in range(5000)][-1] == LONGEST

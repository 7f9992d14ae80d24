"""One answer for all workers."""

from __future__ import annotations

import pytest

from consumer.instrumentation.health import LIVE_SECONDS, Health, Trouble
from consumer.workers.health import KILL_SECONDS, SILENT_SECONDS, AllHealth, Standing


class Now:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


class Asked:
    def __init__(self) -> None:
        self.now = Now()
        self.own = Health(self.now, joins=False)
        self.own.gauge("workers_wanted", 2)
        self.own.beat()
        self.standings: list[Standing] = []
        self.health = AllHealth(self.own, lambda: self.standings, self.now)

    def names(self) -> list[tuple[str, tuple[int, ...]]]:
        return [(each.name, each.workers) for each in self.health.troubles()]


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_all_well(asked: Asked) -> None:
    asked.standings = [Standing(1, 900, 999.5), Standing(2, 900, 999.9)]
    assert (asked.health.live(), asked.names()) == (True, [])


def test_it_is_ready_once_all_are_at_work(asked: Asked) -> None:
    asked.standings = [Standing(1, 990, 999.5), Standing(2, 990, None)]
    assert asked.names() == [("starting", (2,))]


def test_a_condition_of_several_is_one_and_names_them(asked: Asked) -> None:
    asked.standings = [
        Standing(1, 900, 999, [Trouble("delivery_paused", "", 50.0), Trouble("partitions_halted", "", 3.0)]),
        Standing(2, 900, 998, [Trouble("delivery_paused", "", 20.0)]),
    ]
    assert asked.names() == [("delivery_paused", (1, 2)), ("partitions_halted", (1,))]
    assert asked.health.troubles()[0].seconds == 51.0


def test_a_worker_that_has_ended_is_a_condition_until_it_is_back(asked: Asked) -> None:
    asked.own.notice("worker_ended", worker=2, text="killed")
    assert [(each.name, each.about) for each in asked.health.troubles()] == [("worker_down", "2")]
    asked.own.notice("worker_working", worker=1)
    assert asked.names() != []
    asked.own.notice("worker_working", worker=2)
    assert asked.names() == []


def test_a_worker_that_hangs_is_not_ready_but_no_reason_to_end_the_others(asked: Asked) -> None:
    asked.standings = [Standing(1, 900, 1000 - SILENT_SECONDS - 1), Standing(2, 900, 1000)]
    assert (asked.health.live(), asked.names()) == (True, [("worker_silent", (1,))])


def test_a_worker_that_can_not_even_be_killed_is(asked: Asked) -> None:
    asked.standings = [Standing(1, 100, 1000 - LIVE_SECONDS - KILL_SECONDS - 1)]
    assert not asked.health.live()


def test_a_supervisor_that_stands_still_is_not_alive(asked: Asked) -> None:
    asked.now.time += LIVE_SECONDS + 1
    assert not asked.health.live()

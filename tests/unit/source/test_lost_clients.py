"""When a Kafka client of this process counts as lost."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from greenflash_kafka.errors import ClientLost
from greenflash_kafka.source.lost_clients import AGAIN_SECONDS, ASK_SECONDS, TROUBLE_SECONDS, LostClients

TROUBLE = TROUBLE_SECONDS


class World:
    """Brokers that answer a new client or don't, and two clients of this process."""

    def __init__(self, **properties: str) -> None:
        self.now = 0.0
        self.answers_fresh = True
        self.deaf: set[str] = set()
        self.asked_at: list[float] = []
        self.asked: list[str] = []
        clients = {name: lambda name=name: self._answers(name) for name in ("one", "two")}
        self.lost = LostClients(properties, clients, lambda: self.now, self._ask)

    def _answers(self, name: str) -> bool:
        self.asked.append(name)
        return name not in self.deaf

    def _ask(self) -> Future[bool]:
        self.asked_at.append(self.now)
        answer: Future[bool] = Future()
        answer.set_result(self.answers_fresh)
        return answer

    def turns(self, seconds: float, trouble: float = TROUBLE) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 1
            self.lost.watch(trouble)


def test_a_client_that_twice_gets_no_answer_while_a_new_one_does_is_lost() -> None:
    world = World()
    world.deaf = {"two"}
    with pytest.raises(ClientLost, match="the Kafka client two gets no answer"):
        world.turns(200)
    assert world.now == pytest.approx(AGAIN_SECONDS, abs=5)
    assert world.asked == ["one", "two", "two"], "once there is a suspect only that one is asked"


def test_an_outage_is_waited_for() -> None:
    world = World()
    world.deaf, world.answers_fresh = {"one", "two"}, False
    world.turns(1000)
    assert world.asked == []
    assert len(world.asked_at) == pytest.approx(1000 / ASK_SECONDS, abs=1), "a new client costs threads: one a minute"


def test_a_client_that_recovers_is_not_lost() -> None:
    world = World()
    for _ in range(5):
        world.deaf = {"one"}
        world.turns(5)
        world.deaf = {"two"}  # and another one may be slow next
        world.turns(AGAIN_SECONDS)
        world.deaf = set()
        world.turns(AGAIN_SECONDS + ASK_SECONDS)


def test_a_finding_counts_only_with_trouble_and_answers_in_a_row() -> None:
    world = World()
    world.deaf = {"one"}
    world.turns(5)
    world.turns(5, trouble=0)  # what opened the condition is over
    world.turns(3)
    world.answers_fresh = False
    world.turns(2 * ASK_SECONDS)
    world.answers_fresh = True
    world.turns(AGAIN_SECONDS - 5)
    assert world.asked.count("one") == 2


def test_without_long_trouble_nobody_is_asked() -> None:
    world = World()
    world.turns(500, trouble=TROUBLE - 1)
    assert not world.asked_at
    assert not world.asked


def test_a_client_that_waits_long_between_connections_gets_the_time_for_two() -> None:
    world = World(**{"reconnect.backoff.max.ms": "100000"})
    world.deaf = {"one"}
    world.turns(190)
    with pytest.raises(ClientLost):
        world.turns(30)


def test_an_answer_that_takes_its_time_is_waited_for_without_a_second_question() -> None:
    open_question: Future[bool] = Future()
    asked: list[Future[bool]] = []

    def ask() -> Future[bool]:
        asked.append(open_question)
        return open_question

    lost = LostClients({}, {"one": lambda: False}, lambda: 1e6 * len(asked), ask)
    for _ in range(10):
        lost.watch(TROUBLE)
    assert len(asked) == 1

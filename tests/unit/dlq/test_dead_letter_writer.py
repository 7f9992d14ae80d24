"""Retries of failed writes, and their notices; the contents are tested in tests/contract/."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest

from greenflash_kafka.dlq.dead_letter_writer import LONGEST_WAIT, SAY_AGAIN, KafkaDeadLetters
from greenflash_kafka.dlq.letter_record import DeadLetterOrigin
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter
from greenflash_kafka.source import properties
from tests.brokers.mock import MockKafka

LETTER = DeadLetter(Message("orders", 0, 1, value=b"x"), "bad-payload", "not JSON")
REFUSED = 29
"""TOPIC_AUTHORIZATION_FAILED, as the answer to a Produce request (API key 0)."""


class World:
    """A writer on a mock cluster that refuses everything, and a clock that only the test moves."""

    def __init__(self, kafka: MockKafka) -> None:
        self.now = 1000.0
        self.told: list[str] = []
        self.tries = 0
        self.done = False
        topic = kafka.topic(what="dead")
        kafka.cluster.push_errors(0, [REFUSED] * 100)
        settings = properties.ClientSettings(kafka.bootstrap_servers, properties={"log_level": "0"})
        self.writer = KafkaDeadLetters(
            properties.producer(settings),
            topic,
            lambda _: DeadLetterOrigin(),
            self,
            monotonic=lambda: self.now,
            chance=lambda: 0.0,
        )
        self.writer.write(LETTER, self.settled)

    def settled(self, failed: str | None) -> None:
        self.tries += 1
        self.done = failed is None

    def notice(self, name: str, **_: object) -> None:
        self.told.append(name)

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        pass

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        pass

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        pass

    def poll_until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 120
        while not done():
            assert time.monotonic() < deadline
            self.writer.poll()
            time.sleep(0.002)

    def fails_again_after(self, seconds: float) -> None:
        """One more try comes this much later, and not before."""
        before = self.tries
        self.now += seconds - 0.001
        for _ in range(20):  # the mock cluster would have answered by then
            self.writer.poll()
            time.sleep(0.001)
        assert self.tries == before
        self.now += 0.002
        self.poll_until(lambda: self.tries == before + 1)


@pytest.fixture
def world(mock_kafka: MockKafka) -> World:
    made = World(mock_kafka)
    made.poll_until(lambda: made.tries == 1)
    return made


def test_tries_come_further_and_further_apart_up_to_a_limit(world: World) -> None:
    for seconds in (0.5, 1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT):
        world.fails_again_after(seconds)


def test_the_same_trouble_is_told_once_a_minute(world: World) -> None:
    for seconds in (0.5, 1, 2, 4, 8):
        world.fails_again_after(seconds)
    assert world.told == ["dead_letters_failing"]
    world.now += SAY_AGAIN
    world.poll_until(lambda: world.tries == 7)
    assert world.told == ["dead_letters_failing"] * 2
    assert not world.done
    assert world.writer.unconfirmed == 1

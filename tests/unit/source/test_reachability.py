"""What the group's client says of its connections, and what is told of it."""

from __future__ import annotations

import pytest

from greenflash_kafka.source.reachability import AGAIN_SECONDS, GRACE_SECONDS, Reachability
from tests.simulation.world import Notices


class Room:
    """A client whose brokers answer, or not."""

    def __init__(self) -> None:
        self.now, self.answers, self.asked = 0.0, False, 0
        self.notices = Notices()
        self.reachability = Reachability(self.notices, self.ask, lambda: self.now)

    def ask(self) -> bool:
        self.asked += 1
        return self.answers

    def watch(self, seconds: float) -> list[str]:
        until = self.now + seconds
        while self.now < until:
            self.now += 0.1
            self.reachability.watch()
        return self.notices.names


@pytest.fixture
def room() -> Room:
    return Room()


def test_an_outage_is_told_after_a_while_and_again_and_its_end_at_once(room: Room) -> None:
    room.reachability.down()
    assert room.watch(GRACE_SECONDS - 0.2) == []
    assert room.watch(1) == ["brokers_unreachable"]
    room.reachability.down()
    assert room.watch(AGAIN_SECONDS) == ["brokers_unreachable"] * 2
    room.reachability.answered()
    assert room.notices.names[2:] == ["brokers_reachable"]
    assert not room.reachability.doubted


def test_a_connection_that_is_cut_now_and_then_is_not_told_while_commits_are_confirmed(room: Room) -> None:
    for _ in range(100):
        room.reachability.down()
        room.watch(2.5)
        room.reachability.answered()
    assert room.notices.names == []
    assert room.asked == 0


def test_without_messages_the_brokers_are_asked(room: Room) -> None:
    room.answers = True
    room.reachability.down()
    assert room.watch(60) == []
    assert room.asked == 1


def test_messages_that_the_client_had_before_are_no_answer(room: Room) -> None:
    room.reachability.down()
    room.reachability.took(500, 500)
    assert room.reachability.doubted
    room.reachability.took(20, 500)
    assert room.reachability.doubted, "these were the last"
    room.reachability.took(1, 500)
    assert not room.reachability.doubted

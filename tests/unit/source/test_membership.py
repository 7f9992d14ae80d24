"""Detection of a silent group."""

from __future__ import annotations

from concurrent.futures import Future

from greenflash_kafka.source.membership import ASK_SECONDS, GROUP_SECONDS, Membership
from tests.simulation.world import Notices


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_group_that_takes_too_long_is_told_once_and_so_is_its_answer() -> None:
    notices, clock = Notices(), Clock()
    member = Membership(notices, clock)
    member.watch()
    member.waits()
    clock.now = GROUP_SECONDS
    member.watch()
    assert notices.names == []
    clock.now += 1
    member.waits()  # lost once more while it waits: it has waited since the first time
    member.watch()
    member.watch()
    assert notices.names == ["group_silent"]
    member.answered()
    member.answered()
    clock.now += 100
    member.watch()
    assert notices.names == ["group_silent", "group_answers"]


def test_a_group_that_does_not_tell_is_asked_and_a_member_that_stands_by_is_no_silence() -> None:
    notices, clock = Notices(), Clock()
    asked = iter([answered(False), failed(), answered(True)])
    member = Membership(notices, clock, lambda: next(asked))
    member.waits()
    told = []
    for _ in range(20):
        clock.now += ASK_SECONDS / 2
        told.append(member.watch())
    assert told.count(True) == 1
    clock.now += 10 * GROUP_SECONDS
    assert not member.watch()
    assert notices.names == []


def test_a_coordinator_that_does_not_know_this_member_is_silent() -> None:
    notices, clock = Notices(), Clock()
    member = Membership(notices, clock, lambda: answered(False))
    member.waits()
    for _ in range(40):
        clock.now += 1
        assert not member.watch()
    assert notices.names == ["group_silent"]


def test_nobody_is_blamed_while_there_is_no_topic() -> None:
    notices, clock = Notices(), Clock()
    member = Membership(notices, clock)
    member.waits()
    for _ in range(40):
        clock.now += 1
        member.watch(nothing=True)
    clock.now += GROUP_SECONDS
    member.watch()
    assert notices.names == []
    clock.now += 1
    member.watch()
    assert notices.names == ["group_silent"]


def answered(stands_by: bool) -> Future[bool]:
    answer: Future[bool] = Future()
    answer.set_result(stands_by)
    return answer


def failed() -> Future[bool]:
    answer: Future[bool] = Future()
    answer.set_exception(OSError())
    return answer

"""When a group is silent, and when it isn't."""

from __future__ import annotations

from consumer.source.membership import GROUP_SECONDS, Membership
from tests.simulation.world import Notices


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_group_that_takes_too_long_is_told_once_and_so_is_its_answer() -> None:
    notices, clock = Notices(), Clock()
    member = Membership(notices, clock, always_answers=True)
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


def test_a_group_that_tells_nothing_to_one_member_too_many_is_not_silent() -> None:
    notices, clock = Notices(), Clock()
    member = Membership(notices, clock, always_answers=False)
    member.waits()
    clock.now = 10 * GROUP_SECONDS
    member.watch()
    assert notices.names == []

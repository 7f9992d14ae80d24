"""Failures that are everybody's, and those of one event alone."""

from __future__ import annotations

import pytest

from greenflash_kafka.delivery.failure_streak import EVENTS, ROW, WITHIN, FailureStreak
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.delivery.send import PartitionQueue, Send
from tests.fakes.owner import MemoryOwner, event

LANE = PartitionQueue(("orders", 0))


def verdict(code: str = "status-503") -> Verdict:
    return Verdict("retry", code, "")


def sends(count: int) -> list[Send]:
    owner = MemoryOwner()
    return [Send(event(f"e{number}"), owner, LANE) for number in range(count)]


@pytest.mark.parametrize("code", ["connect", "dns", "timeout", "reset", "descriptors", "status-500", "status-599"])
def test_a_row_of_failures_of_different_events_is_an_outage(code: str) -> None:
    outage = FailureStreak()
    row = [outage.failed(each, verdict(code), 0, 1e6) for each in sends(ROW)]
    assert row == [False] * (ROW - 1) + [True]


def test_another_answer_in_between_interrupts_the_row() -> None:
    outage = FailureStreak()
    for each in sends(ROW - 1):
        outage.failed(each, verdict(), 0, 1.0)
    assert not outage.failed(sends(1)[0], verdict("status-429"), 0, 1.0), "somebody is there"
    assert [outage.failed(each, verdict(), 0, 1.0) for each in sends(ROW - 1)] == [False] * (ROW - 1)
    outage.reset()
    assert not outage.failed(sends(1)[0], verdict(), 0, 1.0)


def test_a_few_events_that_fail_over_and_over_are_none() -> None:
    outage = FailureStreak()
    few = sends(EVENTS - 1)
    assert not any(outage.failed(few[number % len(few)], verdict(), 0, 1.0) for number in range(5 * ROW))


def test_failures_hours_apart_are_no_row() -> None:
    outage = FailureStreak()
    assert not any(
        outage.failed(each, verdict(), 0, number * WITHIN / (ROW - 2)) for number, each in enumerate(sends(ROW))
    )


def test_events_whose_failures_others_outlive_fail_alone() -> None:
    outage = FailureStreak()
    bad = sends(3 * ROW)
    for each in bad[: 2 * ROW]:
        outage.failed(each, verdict(), 0, 1.0)
        outage.reset()
    # Each fails again after another event was accepted: it says nothing about the service.
    assert not any(outage.failed(each, verdict(), 1, 2.0) for each in bad[: 2 * ROW])
    assert any(outage.failed(each, verdict(), 1, 2.0) for each in bad[2 * ROW :]), "new ones do"

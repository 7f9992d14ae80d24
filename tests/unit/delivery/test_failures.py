"""Failures that are everybody's, and those of one event alone."""

from __future__ import annotations

import pytest

from greenflash_kafka.delivery.failures import EVENTS, ROW, WITHIN, Failures, FailureStreak


class Row:
    """A row of failures and other responses, of events that are known by their numbers."""

    def __init__(self) -> None:
        self.streak = FailureStreak()
        self.events: dict[int, Failures] = {}

    def failed(self, event: int, code: str = "status-503", accepted: int = 0, now: float = 1.0) -> bool:
        """True if this failure of this event makes the row an outage."""
        return self.streak.failed(f"e{event}", self.events.setdefault(event, Failures()), code, accepted, now)


@pytest.mark.parametrize("code", ["connect", "dns", "timeout", "reset", "descriptors", "status-500", "status-599"])
def test_a_row_of_failures_of_different_events_is_an_outage(code: str) -> None:
    row = Row()
    assert [row.failed(each, code, now=1e6) for each in range(ROW)] == [False] * (ROW - 1) + [True]


def test_another_answer_in_between_interrupts_the_row() -> None:
    row = Row()
    for each in range(ROW - 1):
        row.failed(each)
    assert not row.failed(100, "status-429"), "somebody is there"
    assert [row.failed(200 + each) for each in range(ROW - 1)] == [False] * (ROW - 1)
    row.streak.reset()
    assert not row.failed(300)


def test_a_few_events_that_fail_over_and_over_are_none() -> None:
    row = Row()
    assert not any(row.failed(number % (EVENTS - 1)) for number in range(5 * ROW))


def test_failures_hours_apart_are_no_row() -> None:
    row = Row()
    assert not any(row.failed(number, now=number * WITHIN / (ROW - 2)) for number in range(ROW))


def test_events_whose_failures_others_outlive_fail_alone() -> None:
    row = Row()
    for each in range(2 * ROW):
        row.failed(each)
        row.streak.reset()
    # Each fails again after another event was accepted: it says nothing about the service.
    assert not any(row.failed(each, accepted=1, now=2.0) for each in range(2 * ROW))
    assert any(row.failed(each, accepted=1, now=2.0) for each in range(2 * ROW, 3 * ROW)), "new ones do"


def test_equal_codes_are_counted_in_a_row() -> None:
    failures = Failures()
    for code in ("status-418", "status-418", "connect", "status-418"):
        failures.note(code)
    assert (failures.same, failures.in_a_row("status-418"), failures.in_a_row("connect")) == (1, 2, 1)
    failures.forget_codes()
    assert failures.in_a_row("status-418") == 1

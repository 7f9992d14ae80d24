"""What became of a message."""

from __future__ import annotations

from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import FILTERED, Count, Outcome
from greenflash_kafka.model.problem import Problem

EVENT = Event("r", None, "i", b"{}")
PROBLEM = Problem("missing", "nothing there")


def test_any_problem_makes_a_message_invalid_whatever_else_came_of_it() -> None:
    assert Outcome((EVENT,)).status == "mapped"
    assert Outcome((EVENT,), (PROBLEM,)).status == "invalid"
    assert Outcome((), (PROBLEM,)).status == "invalid"


def test_a_message_without_events_and_problems_is_filtered_whatever_was_counted() -> None:
    assert FILTERED.status == "filtered"
    assert Outcome(counts=(Count("missing"),)).status == "filtered"

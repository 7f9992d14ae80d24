"""What is wrong with a message, in words."""

from __future__ import annotations

from greenflash_kafka.model.problem import Problem


def test_a_problem_is_described_without_the_message_s_values_unless_asked() -> None:
    problem = Problem("not-allowed", "is not a UUID", "r", 0, "user_id", shown='"secret-7"')
    assert problem.describe() == "r / item 0 / user_id: not-allowed: is not a UUID"
    assert problem.describe(values=True) == 'r / item 0 / user_id: not-allowed: "secret-7" is not a UUID'


def test_a_problem_of_the_message_itself_says_so() -> None:
    assert Problem("bad-payload", "isn't JSON").describe() == "message: bad-payload: isn't JSON"

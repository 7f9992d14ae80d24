"""What `doctor` makes of samples of conversation topics: the delay that follows."""

from __future__ import annotations

from collections import Counter

import pytest

from greenflash_kafka.cli.conversation_checks import delay_check, problem_check, proposal
from greenflash_kafka.model.conversations import ConversationSource
from greenflash_kafka.rules.durations import duration_text

CHAT = ConversationSource("support_chat", ("external_user_id",), 60_000)


@pytest.mark.parametrize(
    ("ms", "written"),
    [(-500, "0s"), (0, "0s"), (1, "5s"), (61_000, "2m"), (3_600_000, "1h"), (7_200_001, "4h"), (100_000_000, "2d")],
)
def test_a_delay_that_people_would_write_follows(ms: int, written: str) -> None:
    assert duration_text(proposal(ms)) == written


def test_a_max_delay_that_is_too_short_is_a_warning_with_the_one_to_set() -> None:
    delays = sorted([1000] * 90 + [100_000] * 10)
    check = delay_check(CHAT, delays, by_broker=True)
    assert (check.status, check.said) == (
        "warning",
        "delay of 100 records: p50 1 s, p99 100 s, max 100 s; max_delay is 1 min",
    )
    assert check.todo.startswith("10 of them came later")
    assert check.todo.endswith("max_delay: 2m")


def test_a_max_delay_that_is_longer_than_need_be_is_said() -> None:
    check = delay_check(CHAT, [900] * 100, by_broker=True)
    assert check.status == "ok"
    assert "5s would do for 99 %" in check.said


def test_stamps_that_are_the_activity_itself_show_no_delay() -> None:
    check = delay_check(CHAT, [0] * 100, by_broker=False)
    assert check.status == "warning"
    assert "LogAppendTime" in check.todo
    assert delay_check(CHAT, [0] * 100, by_broker=True).status == "ok"


def test_an_activity_that_is_later_than_its_record_has_a_wrong_zone_or_unit() -> None:
    check = delay_check(CHAT, [-3_600_000] * 90 + [1000] * 10, by_broker=False)
    assert check.status == "warning"
    assert check.todo.startswith("90 of them are stamped more than 1 min before their own activity, by up to 1 h")
    assert "zone and unit of `at`" in check.todo
    assert "would do" not in check.said
    assert delay_check(CHAT, [-2000] * 100, by_broker=False).status == "ok"


def test_a_delay_beyond_what_may_be_written_asks_for_another_time() -> None:
    check = delay_check(CHAT, [5 * 3_600_000] * 100, by_broker=True)
    assert check.status == "warning"
    assert "correct zone and unit of `at`" in check.todo
    assert "max_delay: " not in check.todo


def test_a_record_whose_schema_nobody_knows_is_a_failure_since_it_holds_the_others() -> None:
    check = problem_check("chat", Counter({"bad-payload": 2}), 100, "chat/0/7")
    assert (check.status, check.said) == ("warning", "2 problems in 100 records of chat, most of all bad-payload")
    assert check.todo == "see one of them: greenflash-kafka explain chat/0/7"
    check = problem_check("chat", Counter({"bad-payload": 2, "unknown-schema": 1}), 100, "chat/0/7")
    assert check.status == "failed"
    assert check.said.endswith("1 of them unknown-schema")
    assert "`source: {format: json}`" in check.todo

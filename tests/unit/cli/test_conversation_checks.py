"""What `doctor` makes of samples of conversation topics: the delay that follows, and whether the ids are the same."""

from __future__ import annotations

from collections import Counter

import pytest

from greenflash_kafka.cli.conversation_checks import delay_check, key_checks, proposal, shared_checks
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


def test_ids_of_different_kinds_are_a_warning_without_any_id() -> None:
    outcomes = {"external_user_id": {f"cus_{number}" for number in range(200)}}
    (check,) = key_checks(outcomes, {"external_user_id": {f"{number}@example.org" for number in range(300)}})
    assert (check.name, check.status) == ("key external_user_id", "warning")
    assert check.said == "0 of 200 ids of outcomes have a conversation in a sample of 1000 records"
    assert check.todo.startswith("are these the same ids?")
    assert "example" not in check.todo
    assert "cus_1" not in check.todo


def test_ids_that_match_are_counted_and_few_ids_prove_nothing() -> None:
    outcomes = {"email": {"a", "b"}, "external_user_id": {f"u-{number}" for number in range(50)}}
    few, many = key_checks(outcomes, {"email": {"c"}, "external_user_id": {"u-1", "u-2", "u-99"}})
    assert (few.status, many.status) == ("ok", "ok")
    assert many.said.startswith("2 of 50 ids of outcomes have a conversation")


def test_a_key_that_no_conversation_has_is_a_warning() -> None:
    (check,) = key_checks({"email": {"a"}}, {"external_user_id": {"u-1"}})
    assert check.status == "warning"
    assert "no conversation" in check.said


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


def test_ids_that_match_in_part_are_a_warning_if_more_would_by_a_change() -> None:
    outcomes = {f"{name}{number}@b.c" for number in range(50) for name in ("u", "U")}
    (check,) = key_checks({"email": outcomes}, {"email": {f"u{number}@b.c" for number in range(50)}})
    assert check.status == "warning"
    assert check.said.startswith("50 of 100 ids of outcomes")
    assert check.todo == "50 more would match if upper and lower case are the same"


def test_an_id_that_many_share_is_a_warning_without_it() -> None:
    ids = Counter({"guest": 40, **{f"u-{number}": 1 for number in range(80)}})
    (check,) = shared_checks("events", {"external_user_id": ids})
    assert (check.name, check.status) == ("key external_user_id", "warning")
    assert check.said.startswith("one id stands in 40 of 120 events")
    assert list(shared_checks("events", {"a": Counter({"guest": 50}), "b": Counter(map(str, range(500)))})) == []

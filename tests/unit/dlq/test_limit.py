"""Too many dead letters: by the row, by the share, topic by topic."""

from __future__ import annotations

from greenflash_kafka.dlq.limit import SAMPLE, WINDOW, Limits, LimitWatch
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter


def dead_letter(offset: int, topic: str = "orders") -> DeadLetter:
    events = (("paid", None, "x", "status-404"), ("seen", None, "y", "accepted"))
    return DeadLetter(Message(topic, 3, offset), "status-404", "refused", 1, events)


def allowed(watch: LimitWatch, count: int, topic: str = "orders") -> int:
    """How many of so many dead letters in a row may be written."""
    return sum(watch.allows(dead_letter(offset, topic)) for offset in range(count))


def test_so_many_in_a_row_and_not_one_more() -> None:
    watch = LimitWatch(Limits(max_consecutive=20))
    assert allowed(watch, 20) == 20
    watch.delivered("orders")
    assert allowed(watch, 50) == 20


def test_it_names_the_rule_that_failed_the_reason_the_count_and_an_example() -> None:
    watch = LimitWatch(Limits(max_consecutive=2))
    allowed(watch, 3)
    assert "rule paid: status-404 (3)" in watch.exceeded
    assert "orders/3/2: refused" in watch.exceeded
    assert "seen" not in watch.exceeded


def test_a_few_bad_messages_among_few_stop_nobody() -> None:
    watch = LimitWatch(Limits(max_invalid_ratio=0.1))
    assert allowed(watch, SAMPLE - 1) == SAMPLE - 1
    assert allowed(watch, 1) == 0


def test_the_share_is_that_of_the_latest_messages_however_many_were_good_before() -> None:
    watch = LimitWatch(Limits(max_invalid_ratio=0.5))
    for _ in range(20 * WINDOW):
        watch.delivered("orders")
    assert allowed(watch, WINDOW) == WINDOW // 2


def test_a_broken_topic_does_not_hide_behind_one_that_works() -> None:
    watch = LimitWatch(Limits(max_consecutive=10))
    written = 0
    for offset in range(30):
        watch.delivered("healthy")
        written += watch.allows(dead_letter(offset))
    assert written == 10


def test_without_limits_everything_may_be_written() -> None:
    assert allowed(LimitWatch(Limits()), 5000) == 5000

from __future__ import annotations

import pytest

from greenflash_kafka.instrumentation.health import LIVE_SECONDS, Health


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def health(time: Time) -> Health:
    """One that has started."""
    health = Health(time)
    health.notice("partitions_assigned", partitions=1, now=1)
    return health


def names(health: Health) -> list[str]:
    return [condition.name for condition in health.conditions()]


def test_it_is_alive_but_not_ready_until_the_group_has_given_partitions(time: Time) -> None:
    health = Health(time)
    time.now += 10 * LIVE_SECONDS
    assert health.live()
    assert names(health) == ["starting"]
    health.beat()
    health.gauge("pending_messages", 0)
    assert names(health) == ["starting"]
    health.notice("partitions_assigned", partitions=3, now=3)
    assert names(health) == []


def test_no_time_makes_it_ready_and_an_answer_that_there_is_nothing_for_it_does(time: Time) -> None:
    health = Health(time)
    health.beat()
    time.now += 24 * 3600
    health.beat()
    assert names(health) == ["starting"]
    health.notice("partitions_assigned", partitions=0, now=0)
    assert names(health) == []


def test_topics_that_are_all_missing_are_named_until_there_is_one(health: Health) -> None:
    health.notice("topic_missing", topic="orders")
    assert names(health) == []
    health.notice("nothing_to_read", topic="orders, returns")
    assert [(each.name, each.about) for each in health.conditions()] == [("topic_missing", "orders, returns")]
    health.notice("something_to_read", topics=1)
    assert names(health) == []


def test_a_loop_that_stands_still_is_not_alive(health: Health, time: Time) -> None:
    health.beat()
    time.now += LIVE_SECONDS - 1
    assert health.live()
    time.now += 1
    assert not health.live()
    health.beat()
    assert health.live()


def test_a_paused_delivery_is_not_ready_until_it_goes_on(health: Health, time: Time) -> None:
    health.gauge("delivery_paused", 1)
    time.now += 5
    health.gauge("delivery_paused", 1)
    (condition,) = health.conditions()
    assert (condition.name, condition.seconds) == ("delivery_paused", 5)
    health.gauge("delivery_paused", 0)
    assert names(health) == []


def test_a_short_wait_is_ready_and_a_long_one_is_not(health: Health) -> None:
    health.gauge("retry_after_seconds", 900)
    assert names(health) == []
    health.gauge("retry_after_seconds", 901)
    assert names(health) == ["retry_after_seconds"]


def test_a_condition_says_how_long_it_is_open_and_how_long_the_wait_still_is(health: Health, time: Time) -> None:
    health.gauge("retry_after_seconds", 86400)
    time.now += 60
    health.gauge("retry_after_seconds", 86340)
    (condition,) = health.conditions()
    assert (condition.seconds, condition.value) == (60, 86340)
    health.gauge("partitions_halted", 3)
    assert health.conditions()[1].value is None, "a number of partitions is for the metrics"


def test_a_failing_dead_letter_topic_is_not_ready_until_it_works(health: Health) -> None:
    health.notice("dead_letters_failing", topic="dead")
    health.notice("dead_letters_failing", topic="dead")
    assert [(t.name, t.about) for t in health.conditions()] == [("dead_letters_failing", "dead")]
    health.notice("dead_letters_working", topic="other")
    assert names(health) == ["dead_letters_failing"]
    health.notice("dead_letters_working", topic="dead")
    assert names(health) == []


def test_unreachable_brokers_are_a_condition_for_as_long_as_it_is_repeated(health: Health, time: Time) -> None:
    health.notice("brokers_unreachable", text="1/1 brokers are down")
    for _ in range(6):
        time.now += 10
        health.notice("brokers_unreachable", text="1/1 brokers are down")
    assert [(t.name, t.seconds) for t in health.conditions()] == [("brokers_unreachable", 60)]
    time.now += 30
    assert names(health) == []
    health.notice("brokers_unreachable")
    assert health.conditions()[0].seconds == 0


def test_other_notices_change_nothing(health: Health) -> None:
    health.notice("partitions_assigned", partitions=1)
    health.notice("not in the catalogue")
    assert names(health) == []

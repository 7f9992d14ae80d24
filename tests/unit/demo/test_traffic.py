from __future__ import annotations

import json
from collections import Counter
from itertools import islice

import pytest

from greenflash_kafka.demo.made import CREDITS
from greenflash_kafka.demo.traffic import START_MS, STEP_MS, TOPICS, endless_with_meaning, expected, traffic

EVENT_NAMES = {
    "signup_completed",
    "trial_started",
    "task_success",
    "upgrade_purchased",
    "meeting_booked",
    "lead_converted",
    "cancellation_requested",
    "error_encountered",
    "workflow_abandoned",
    "refund_requested",
    "feature_viewed",
    "step_completed",
    "usage_logged",
}


def test_a_seed_gives_the_same_messages_byte_for_byte() -> None:
    assert list(traffic(7, 500)) == list(traffic(7, 500))
    assert list(traffic(7, 500)) != list(traffic(8, 500))
    assert list(traffic(7, 500, repeats=0.1)) == list(traffic(7, 500, repeats=0.1))


def test_a_longer_run_begins_with_a_shorter_one() -> None:
    assert list(traffic(7, 800))[:500] == list(traffic(7, 500))
    assert [message for message, _ in islice(endless_with_meaning(7), 500)] == list(traffic(7, 500))


def test_the_clock_is_the_callers() -> None:
    times = [message.timestamp_ms for message in traffic(1, 3, START_MS + 5)]
    assert times == [START_MS + 5, START_MS + 5 + STEP_MS, START_MS + 5 + 2 * STEP_MS]


def test_the_mix_is_that_of_real_topics() -> None:
    count = 20_000
    fate = expected(count, 3)
    assert fate.messages == fate.mapped + fate.filtered + fate.dead_lettered == count
    assert 0.62 < fate.filtered / count < 0.70
    assert 0.003 < fate.dead_lettered / count < 0.02
    assert set(fate.events) == EVENT_NAMES
    topics = Counter(message.topic for message in traffic(3, count))
    assert set(topics) == set(TOPICS)
    assert topics.pop(CREDITS) > count / 30
    assert min(topics.values()) > count / 5
    assert sum(message.value is None for message in traffic(3, count)) > count / 200


def test_some_messages_tell_several_facts() -> None:
    fate = expected(5_000, 3)
    assert fate.stored == sum(fate.events.values()) == len(fate.values)
    assert fate.stored > fate.mapped * 1.1


def test_without_repeats_every_fact_is_told_once() -> None:
    assert expected(20_000, 3).duplicates == 0


def test_with_repeats_facts_are_told_again_and_stay_the_same() -> None:
    once, again = expected(5_000, 3), expected(5_000, 3, repeats=0.05)
    assert again.duplicates > 100
    assert again.stored < once.stored
    assert again.messages == once.messages


def test_another_first_number_gives_other_facts() -> None:
    def ids(first: int) -> set[str]:
        return {
            str(json.loads(message.value)["id"])
            for message, _ in islice(endless_with_meaning(3, first=first), 300)
            if message.value is not None and message.topic == TOPICS[0] and message.value.endswith(b"}")
        }

    assert ids(0)
    assert not ids(0) & ids(1000)


@pytest.mark.parametrize("seed", [1, 2])
def test_only_what_is_meant_to_be_broken_is_broken(seed: int) -> None:
    unreadable = 0
    for message in traffic(seed, 3_000):
        if message.value is not None:
            try:
                json.loads(message.value)
            except ValueError:
                unreadable += 1
    assert 0 < unreadable < expected(3_000, seed).dead_lettered

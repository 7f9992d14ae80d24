"""The rule of linking, applied by looking at every chat; what the demo holds the pipeline against."""

from __future__ import annotations

from itertools import islice

import pytest

from greenflash_kafka.demo.made import DAY_MS, Chat, Fact, Made
from greenflash_kafka.demo.planned_links import PlannedLinks
from greenflash_kafka.demo.traffic import endless_with_meaning, with_chats

NOW = 1_795_000_000_000
MAX_DELAY = 1000


def told(fact: Fact) -> Made:
    return Made("billing", "k", b"{}", (fact,))


def refund(key: str = "r", **fields: object) -> Fact:
    return Fact("refund_requested", key, "1.00", "u-1", NOW, DAY_MS)._replace(**fields)  # type: ignore[arg-type]


def links(*written: tuple[Made | Chat, int]) -> dict[str, str]:
    planned = PlannedLinks(MAX_DELAY)
    for each, recorded in written:
        planned.note(each, recorded)
    return {insert_id: plan.conversation for insert_id, plan in planned.planned().items()}


def chat(conversation: str, before: int, user: str = "u-1", role: str = "user") -> Chat:
    return Chat(conversation, user, role, NOW - before)


@pytest.mark.parametrize(
    ("chats", "conversation"),
    [
        ([chat("c-1", 60_000)], "c-1"),
        ([chat("c-1", 60_000), chat("c-2", 30_000)], "c-2"),
        ([chat("c-1", -4_000)], "c-1"),
        ([chat("c-1", -6_000)], ""),
        ([chat("c-1", DAY_MS + 1)], ""),
        ([chat("c-1", 60_000, user="u-2")], ""),
        ([chat("c-1", 60_000, role="assistant")], ""),
    ],
    ids=["before", "the later one", "clocks differ", "after", "too long ago", "somebody else's", "the assistant's"],
)
def test_the_last_chat_of_the_same_user_in_the_lookback(chats: list[Chat], conversation: str) -> None:
    written = [(each, NOW - 10) for each in chats]
    assert links(*written, (told(refund()), NOW)) == {"refund_requested:r": conversation}


@pytest.mark.parametrize(("late", "conversation"), [(MAX_DELAY, "c-1"), (MAX_DELAY + 1, "")])
def test_a_chat_that_kafka_has_later_counts_for_as_long_as_a_message_may_be_late(late: int, conversation: str) -> None:
    assert links((told(refund()), NOW), (chat("c-1", 60_000), NOW + late)) == {"refund_requested:r": conversation}


def test_facts_of_rules_that_dont_link_and_those_told_twice_are_left_out() -> None:
    written = [(told(refund("a", lookback=0)), NOW), (told(refund("b")), NOW), (told(refund("b")), NOW + 5)]
    assert links(*written) == {}


def test_by_chance_the_same_users_are_asked_a_lookback_earlier() -> None:
    planned = PlannedLinks(MAX_DELAY)
    for each in (chat("c-1", DAY_MS + 5), chat("c-2", 5), told(refund()), told(refund("other", user="u-2"))):
        planned.note(each, NOW)
    assert (planned.by_chance().linked, planned.by_chance().of) == (1, 2)


def test_most_of_what_is_linked_in_the_traffic_came_of_its_chat_and_chance_links_little() -> None:
    planned = PlannedLinks(MAX_DELAY)
    for message, meaning in with_chats(islice(endless_with_meaning(1), 3000)):
        planned.note(meaning, message.timestamp_ms)
    plans = planned.planned().values()
    linked, led = sum(each.conversation != "" for each in plans), sum(each.led for each in plans)
    assert 0.25 < linked / len(plans) < 0.5
    assert 0.8 < led / linked < 1
    chance = planned.by_chance()
    assert 0 < chance.linked / chance.of < 0.05

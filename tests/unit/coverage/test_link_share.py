"""The linked share is counted beside the share that the same users would have at another time."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from greenflash_kafka.coverage.coverage_counter import CoverageCounter
from greenflash_kafka.coverage.coverage_text import as_text
from greenflash_kafka.coverage.link_questions import SAMPLE, LinkEvent, LinkSample
from greenflash_kafka.coverage.link_share import LinkShare, link_shares, shift_ms
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.conversations import DAY_MS, Activity, ConversationSource, Question
from tests.unit.coverage.shop import RULES, event, messages, report_of, snapshot_of

NOW = 1_796_083_200_000
HOUR = 3_600_000
CHATS = """
link: {lookback: 24h}
conversations:
  - {name: chat, id: = payload.chat, keys: {external_user_id: = payload.user}}
"""


def asked(*users: str) -> LinkSample:
    sample = LinkSample()
    for number, user in enumerate(users):
        question = Question((), "p", (("user", user),), NOW, NOW, HOUR)
        sample.add(number, LinkEvent((question,)))
        sample.events += 1
    return sample


def chats(*told: tuple[str, int]) -> GivenConversations:
    source = ConversationSource("chat", ("user",), 1000)
    given = [(Activity("chat", None, f"c{at}", at, (("user", user),)), at) for user, at in told]
    return GivenConversations([source], given)


def test_each_lookback_has_its_share_and_that_of_chance() -> None:
    told = chats(("a", NOW - 60_000), ("b", NOW - 5 * HOUR), ("b", NOW - DAY_MS - 60_000), ("c", NOW - 40 * DAY_MS))
    found = list(link_shares({"paid": asked("a", "b", "c", "d")}, told, NOW - 100 * DAY_MS))
    assert found == [
        LinkShare("paid", "1h", 4, 1, 1),
        LinkShare("paid", "24h", 4, 2, 1),
        LinkShare("paid", "7d", 4, 2, 0),
        LinkShare("paid", "30d", 4, 2, 1),
    ]


def test_events_are_judged_as_far_as_the_history_reaches() -> None:
    found = list(link_shares({"paid": asked("a")}, chats(("a", NOW)), NOW - 3 * DAY_MS))
    assert [each.lookback for each in found] == ["1h", "24h"]


@pytest.mark.parametrize(("lookback", "shift"), [(HOUR, DAY_MS), (DAY_MS, DAY_MS), (DAY_MS + 1, 2 * DAY_MS)])
def test_a_shift_lies_beyond_the_lookback_at_the_same_time_of_the_day(lookback: int, shift: int) -> None:
    assert shift_ms(lookback) == shift


@pytest.mark.parametrize(
    ("events", "linked", "by_chance", "weak"),
    [(100, 30, 21, True), (100, 30, 20, False), (100, 0, 0, False), (29, 1, 20, False)],
)
def test_a_share_near_chance_is_weak(events: int, linked: int, by_chance: int, weak: bool) -> None:
    assert LinkShare("r", "1h", events, linked, by_chance).weak is weak


def test_rules_that_link_are_asked_without_being_linked(tmp_path: Path) -> None:
    counter = CoverageCounter(snapshot_of(tmp_path, RULES + CHATS))
    counter.add(messages([event("paid", amount=1), event("left", status="done", user="v"), event("paid", amount="no")]))
    (paid, left) = counter.counts.links["paid"], counter.counts.links["left"]
    assert (paid.events, left.events) == (1, 1)
    ((question,),) = (each.questions for each in left.sampled.values())
    assert question.keys == (("external_user_id", "v"),)


def test_each_of_several_events_of_a_message_has_its_own_share(tmp_path: Path) -> None:
    both = "{event_type: trial_started, value: '1', external_user_id: = payload.friend}"
    rules = RULES.replace("  - name: left", "  - {name: told, when: {type: paid}, event: EVENT}\n  - name: left")
    counter = CoverageCounter(snapshot_of(tmp_path, rules.replace("EVENT", both) + CHATS))
    counter.add(messages(event("paid", amount=1, user=f"u{n}", friend=f"f{n % 2}", id=f"i{n}") for n in range(4)))
    source = ConversationSource("chat", ("external_user_id",), 1000)
    activity = Activity("chat", None, "c", NOW - 1000, (("external_user_id", "f1"),))
    known = GivenConversations([source], [(activity, activity.at)])
    found = {each.rule: each for each in link_shares(counter.counts.links, known, 0) if each.lookback == "1h"}
    assert found == {"paid": LinkShare("paid", "1h", 4, 0, 0), "told": LinkShare("told", "1h", 4, 2, 0)}


def test_a_sample_is_the_same_in_whatever_order_it_is_made() -> None:
    def sample(orders: range) -> LinkSample:
        made = LinkSample()
        for order in orders:
            made.events += 1
            if (hashed := order * 7919 % 100_003) >= made.lowest:
                made.add(hashed, LinkEvent(()))
        return made

    whole, first = sample(range(3 * SAMPLE)), sample(range(SAMPLE, 3 * SAMPLE))
    first.merge(sample(range(SAMPLE)))
    assert first.events == whole.events == 3 * SAMPLE
    assert first.sampled == whole.sampled
    assert len(whole.sampled) == SAMPLE


def test_weak_shares_are_said(tmp_path: Path) -> None:
    report = report_of(snapshot_of(tmp_path), messages([]))
    report = replace(report, links=(LinkShare("paid", "24h", 100, 30, 25), LinkShare("paid", "7d", 100, 60, 25)))
    text = as_text(report)
    assert "paid  24h: 30.0% of 100 events, 25.0% by chance   less than 1.5 times chance" in text
    assert text.count("1.5 times") == 1
    none = as_text(replace(report, links=(LinkShare("paid", "24h", 100, 0, 0),)))
    assert "paid  24h: 0.0% of 100 events, 0.0% by chance   NONE: `greenflash-kafka doctor` compares the ids" in none

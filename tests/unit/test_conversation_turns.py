"""The loop's part of linking: the reader's turns, how far the linking topics are, and counts of links."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greenflash_kafka.conversation_turns import SETTLING_SECONDS, ConversationTurns
from greenflash_kafka.model.conversations import Link
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.offsets.trackers import OffsetTrackers
from greenflash_kafka.pauses import Pauses
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.waiting_messages import Patience, WaitingMessages
from tests.fakes.source import MemorySource
from tests.simulation.world import Notices, VirtualClock
from tests.unit.test_pipeline import World

A, B, PLAIN = ("orders", 0), ("orders", 1), ("plain", 0)


class Reader:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.turns = self.reports = 0
        self.told: list[tuple[int, int]] = []
        self.wait = 0.5
        self.closed = False
        self.stalled = ""

    def turn(self) -> None:
        self.turns += 1

    def progress(self, oldest: int, furthest: int) -> None:
        self.told.append((oldest, furthest))

    def report(self) -> None:
        self.reports += 1

    def close(self) -> None:
        self.closed = True


class Rules:
    """A snapshot of rules, of which those of the topic `orders` link."""

    def __init__(self) -> None:
        self.by_topic = {"orders": (None, None, ("chat",)), "plain": (None, None, ())}
        self.ruleset = self
        self.linking_rules = ("paid",)


class Lag(MemorySource):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self.lags: dict[TopicPartition, int] = {}

    def lag(self) -> Mapping[TopicPartition, int]:
        return self.lags


class Turns:
    """A reader, and the partitions that it serves."""

    def __init__(self, *partitions: TopicPartition) -> None:
        self.clock, self.notices, self.reader = VirtualClock(), Notices(), Reader()
        self.source = Lag(self.clock)
        self.trackers = OffsetTrackers()
        self.waiting = WaitingMessages(self.source, Pauses(self.source), self.clock, self.notices, Patience())
        self.turns = ConversationTurns(self.reader, self.source, self.trackers, self.waiting, self.clock, self.notices)
        snapshot: Any = Rules()
        self.turns.use(snapshot)
        for each in partitions:
            self.trackers.open(each, 0)
        self.turns.assigned()

    @property
    def now(self) -> int:
        return int(self.clock.now() * 1000)

    def tracker(self, partition: TopicPartition) -> OffsetTracker:
        found = self.trackers.get(*partition)
        assert found is not None
        return found

    def told(self) -> list[tuple[int, int]]:
        self.turns.look()
        told, self.reader.told = self.reader.told, []
        return told


def test_partitions_of_topics_that_link_are_as_far_as_their_last_message() -> None:
    it = Turns(A, B, PLAIN)
    it.tracker(A).last_ms, it.tracker(B).last_ms = 4_000, 9_000
    assert it.told() == [(4_000, 9_000)], "a topic that doesn't link counts for nothing"
    it.source.lags = {A: 0, B: 3}
    assert it.told() == [(9_000, it.now)], "what is read and committed to its end is as far as the clock"
    it.waiting.begin(it.tracker(B), Message(*B, 7, 12_000), ("horizon", ("chat",), 12_000))
    assert it.told() == [(12_000, it.now)], "what waits is the next"
    assert it.reader.reports == 3


def test_a_stamp_of_the_future_is_no_progress() -> None:
    it = Turns(A)
    it.tracker(A).last_ms = it.now + 3_600_000
    assert it.told() == [(it.now, it.now)]


def test_a_partition_of_which_nothing_is_known_holds_what_it_may_ask_for() -> None:
    it = Turns(A, B)
    it.tracker(A).last_ms = 5_000
    assert it.told() == [], "the other one's first message may come soon"
    it.clock.sleep(SETTLING_SECONDS)
    assert it.told() == [(5_000, 5_000)]
    it.tracker(A).last_ms = 8_000
    assert it.told() == [(5_000, 8_000)]
    it.tracker(B).last_ms = 7_000
    assert it.told() == [(7_000, 8_000)]


def test_a_process_without_such_partitions_keeps_up_with_the_clock_once_the_group_has_said_so() -> None:
    it = Turns(PLAIN)
    assert it.told() == [(it.now, it.now)]
    waiting = Turns()
    waiting.turns = ConversationTurns(
        waiting.reader, waiting.source, waiting.trackers, waiting.waiting, waiting.clock, waiting.notices
    )
    assert waiting.told() == []


def test_links_are_counted_by_rule_and_result_with_their_age() -> None:
    it = Turns(A)
    counted = it.notices.counts
    assert counted["links", ("paid", "linked")] == counted["links", ("paid", "not-ready")] == 0
    event = Event("paid", None, "i", b"{}")
    for link in (Link("linked", before_ms=90_000), Link("linked", before_ms=30_000), Link("none"), None):
        it.turns.count(msgspec.structs.replace(event, link=link))
    it.turns.look()
    it.turns.look()
    assert counted["links", ("paid", "linked")] == 2
    assert counted["links", ("paid", "none")] == 1
    assert it.notices.observed["link_age_seconds", ("paid",)][:3] == [1, 1, 0]
    assert (it.turns.linked, it.turns.counted) == (2, 3), "for the last line of a run"


@pytest.mark.parametrize("wait", [0.0, 0.03])
def test_the_loop_gives_turns_as_often_as_they_are_wanted(tmp_path: Path, wait: float) -> None:
    reader = Reader()
    reader.wait = wait
    world = World(tmp_path, conversations=reader)
    began = world.clock.time
    world.pipeline.start()
    for _ in range(20):
        world.pipeline.step()
    assert reader.turns == 20
    assert world.clock.time - began <= 20 * wait + 0.001
    assert reader.reports == (0 if wait == 0.0 else int(world.clock.time - began))

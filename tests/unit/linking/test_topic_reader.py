"""The reader over logs in memory: where it begins, what it does when topics change, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.logged import LoggedConversations
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.table import ActivityTable, StoredPartition, TableBroken, TableFailed
from greenflash_kafka.linking.topic_reader import ConversationTopicReader
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.conversations import Activity, ConversationSource, ConversationsUnreadable, Question
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.ports import TopicPartition
from tests.fakes.conversation_log import Entry, FakeConversationLog, FakePartition
from tests.simulation.world import Notices, VirtualClock

NOW = 1_795_000_000_000 + 1_000_000
HOUR = 3_600_000
DAY = 24 * HOUR
SOURCE = ConversationSource("chat", ("user",), 5_000)
P0, P1 = ("chat", 0), ("chat", 1)


def log(key: TopicPartition, *stamps: int, begin: int = 0, topic_id: str = "t1", made: int = 0) -> FakePartition:
    """A log whose record at each offset is stamped so; each tells of a conversation named by its offset."""
    entries = [Entry(stamp, Message(*key, offset, stamp), stamp) for offset, stamp in enumerate(stamps)]
    return FakePartition(entries, made, topic_id, begin)


class Room:
    """A reader, and what it reads."""

    def __init__(
        self,
        partitions: Mapping[TopicPartition, FakePartition],
        table: ActivityTable | None = None,
        give_up_after: float | None = None,
    ) -> None:
        self.clock, self.listener = VirtualClock(), Notices()
        self.table = table or ActivityTable()
        self.log = FakeConversationLog(partitions)
        self.answers: dict[tuple[str, int, int], Activities | NotYet] = {}
        self.evaluated: list[int] = []
        self.conversations = LoggedConversations(
            [SOURCE], self.table, self.clock, lookback=HOUR, give_up_after=give_up_after
        )
        self.reader = ConversationTopicReader(
            self.log,
            self.table,
            self.conversations,
            [SOURCE],
            lambda _: ("chat",),
            self.activities,
            self.clock,
            self.listener,
            ReaderSettings(HOUR),
        )

    def activities(self, message: Message) -> Activities | NotYet:
        self.evaluated.append(message.offset)
        found = self.answers.get((message.topic, message.partition, message.offset))
        name = f"{message.partition}/{message.offset}"
        activity = Activity("chat", None, name, message.timestamp_ms, (("user", "u"),))
        return Activities((activity,)) if found is None else found

    def known(self, recorded: int) -> bool:
        return self.conversations.known(("chat",), recorded)

    def find(self, at: int) -> str:
        answer = self.conversations.find(Question((), "p", (("user", "u"),), at, at, HOUR))
        return answer.conversation or answer.result

    def turns(self, seconds: float = 0.0, recorded: int | None = None) -> None:
        """Turns of the loop for so long, as a message waits, or not."""
        until = self.clock.time + seconds
        while True:
            self.log.wall = int(self.clock.now() * 1000)
            if recorded is not None:
                self.known(recorded)
            self.reader.turn()
            self.reader.report()
            if self.clock.time >= until:
                return
            self.clock.sleep(0.1)

    def read(self, recorded: int, seconds: float = 60.0) -> None:
        """Turns until a message with this timestamp may go on."""
        until = self.clock.time + seconds
        while not self.known(recorded):
            assert self.clock.time < until, "it waits for ever"
            self.turns(0.05, recorded)

    def said(self, name: str) -> list[dict[str, Any]]:
        return [facts for each, facts in self.listener.seen if each == name]


def test_nothing_is_read_before_a_message_asks_or_half_a_minute_has_passed() -> None:
    room = Room({P0: log(P0, NOW)})
    room.turns(20)
    assert 0.1 <= room.reader.wait <= 1, "the loop may sleep"
    assert room.table.partitions() == {}
    room.turns(15)
    assert room.table.partitions()[P0].next == 1


def test_it_begins_a_lookback_and_a_day_before_the_message_that_asks() -> None:
    stamps = [NOW - 3 * DAY, NOW - 2 * DAY, NOW - DAY, NOW - 60_000, NOW]
    room = Room({P0: log(P0, *stamps)})
    room.read(NOW - 50_000)
    assert room.find(NOW - 50_000) == "0/3"
    assert room.table.points == 3


def test_an_outcome_that_is_reported_late_has_the_same_link_wherever_the_reading_began() -> None:
    # The third is told almost a day before it happens.
    stamps = [NOW - 4 * DAY, NOW - 3 * DAY, NOW - 2 * DAY - HOUR + 120_000, NOW - DAY - HOUR // 2, NOW - 60_000, NOW]
    early = Activity("chat", None, "early", NOW - DAY - HOUR + 60_000, (("user", "early"),))

    def answers(*first: int) -> list[str]:
        room = Room({P0: log(P0, *stamps)})
        room.answers[(*P0, 2)] = Activities((early,))
        for recorded in (*first, NOW - 1_000):
            room.read(recorded)
        asked = [
            ("u", NOW - DAY - 1_000),  # by a day: all of the lookback counts
            ("u", NOW - DAY - HOUR // 4),
            ("u", NOW - 3 * DAY + 1_000),
            ("early", NOW - DAY - HOUR // 2),
        ]
        found = [
            room.conversations.find(Question((), "p", (("user", user),), at, NOW - 1_000, HOUR)) for user, at in asked
        ]
        return [each.conversation or each.result for each in found]

    assert answers() == answers(NOW - 3 * DAY) == ["0/3", "0/3", "reported-late", "early"]


def test_a_silent_topic_holds_nothing_for_longer_than_the_margin() -> None:
    room = Room({P0: log(P0), P1: log(P1, NOW - DAY)})
    room.turns()
    recorded = int(room.clock.now() * 1000)
    began = room.clock.time
    room.read(recorded)
    assert room.clock.time - began < SOURCE.max_delay_ms / 1000 + 5 + 1.5
    assert room.find(recorded) == "none"


def test_without_an_answer_about_the_ends_messages_wait() -> None:
    room = Room({P0: log(P0, NOW)})
    room.log.silent = True
    room.turns(120, NOW)
    assert not room.known(NOW)
    assert [each["text"] for each in room.said("conversations_stalled")] == [
        "the brokers don't answer which partitions there are and where they end"
    ]
    room.log.silent = False
    room.read(NOW)
    room.turns(5)
    assert room.said("conversations_ready")


def test_messages_are_given_up_only_if_that_is_wanted_and_are_linked_to_nothing() -> None:
    room = Room({P0: log(P0, NOW)}, give_up_after=30)
    room.log.silent = True
    room.turns(25, NOW)
    assert not room.known(NOW)
    room.turns(30, NOW)
    assert room.known(NOW)
    assert room.known(NOW - 1)
    assert room.find(NOW) == "not-ready"
    assert not room.known(int(room.clock.now() * 1000)), "a message that is not overdue waits"


def test_a_message_from_the_future_is_not_waited_for() -> None:
    room = Room({P0: log(P0, NOW)})
    assert room.known(NOW + 10 * 60_000)
    assert room.find(NOW + 10 * 60_000) == "not-ready"


def test_an_older_message_has_the_topic_read_anew_from_further_back() -> None:
    stamps = [NOW - 9 * DAY, NOW - 5 * DAY, NOW - 60_000]
    room = Room({P0: log(P0, *stamps)})
    room.read(NOW - 50_000)
    assert not room.known(NOW - 5 * DAY + 1000)
    assert not room.known(NOW - 50_000) or room.find(NOW - 50_000) == "0/2"
    room.read(NOW - 5 * DAY + 1000)
    assert room.find(NOW - 5 * DAY + 1000) == "0/1"
    assert len(room.said("conversations_restoring")) == 2


def test_a_backfill_is_read_at_most_an_hour_ahead() -> None:
    room = Room({P0: log(P0, *range(NOW - 5 * DAY, NOW, 60_000))})
    first = NOW - 5 * DAY + HOUR
    room.read(first)
    room.turns(5)
    assert room.table.partitions()[P0].clock < first + 4 * HOUR
    room.reader.progress(NOW - DAY, NOW - DAY)
    room.turns(30)
    assert NOW - DAY < room.table.partitions()[P0].clock < NOW - DAY + 4 * HOUR


@pytest.mark.parametrize("change", ["recreated", "truncated"])
def test_a_topic_that_is_another_one_is_read_anew(change: str) -> None:
    room = Room({P0: log(P0, NOW - 3_000, NOW - 2_000, NOW - 1_000)})
    room.read(NOW)
    other = log(P0, NOW - 2_500, topic_id="t2" if change == "recreated" else "t1")
    room.log.partitions = {P0: other}
    room.turns(5, NOW)
    room.read(NOW)
    assert room.find(NOW) == "0/0"
    assert len(room.said("conversations_rebuilt")) == 1


def test_an_added_partition_is_read_from_its_beginning() -> None:
    room = Room({P0: log(P0, NOW - 3_000)})
    room.read(NOW)
    room.log.partitions[P1] = log(P1, NOW + 20_000)
    room.read(NOW + 30_000, 90)
    assert room.find(NOW + 30_000) == "1/0"


def test_what_retention_deleted_is_history() -> None:
    room = Room({P0: log(P0, NOW - 2 * HOUR, NOW - 30 * 60_000, begin=1)})
    room.read(NOW)
    assert room.find(NOW) == "0/1"
    assert [each["offset"] for each in room.said("conversations_history_missing")] == [1]
    assert room.conversations.find(Question((), "p", (("user", "nobody"),), NOW, NOW, HOUR)).result == "history"


def test_a_restart_goes_on_where_the_table_ends() -> None:
    partitions = {P0: log(P0, NOW - 3_000, NOW - 1_000)}
    first = Room(partitions)
    first.read(NOW)
    second = Room(partitions, first.table)
    second.answers = {(*P0, offset): Activities() for offset in (0, 1)}  # nothing, if they were read again
    second.read(NOW)
    assert second.find(NOW) == "0/1"


def test_a_disk_that_is_full_holds_messages_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room({P0: log(P0, NOW - 1_000)})

    def full(*_: object) -> None:
        raise TableFailed("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(room.table, "put", full)
        room.turns(90, NOW)
        assert not room.known(NOW)
        assert [each["text"] for each in room.said("conversations_stalled")] == ["database or disk is full"]
    room.read(NOW)
    assert room.find(NOW) == "0/0"


def test_a_table_that_breaks_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room({P0: log(P0, NOW - 1_000, NOW + 20_000)})
    room.read(NOW)

    def broken(*_: object) -> None:
        raise TableBroken("database disk image is malformed")

    with monkeypatch.context() as patch:
        patch.setattr(room.table, "put", broken)
        room.turns(20)
        assert not room.known(NOW)
    room.read(NOW + 10_000)
    assert room.find(NOW) == "0/0"
    assert room.said("conversations_rebuilt")[0]["text"] == "database disk image is malformed"


@pytest.mark.parametrize("error", [TableFailed("disk I/O error"), TableBroken("database disk image is malformed")])
def test_a_look_up_that_fails_is_no_answer_and_the_table_is_read_again(
    monkeypatch: pytest.MonkeyPatch, error: TableFailed
) -> None:
    room = Room({P0: log(P0, NOW - 1_000, NOW + 20_000)})
    room.read(NOW)

    def fails(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(room.table, "last", fails)
        with pytest.raises(ConversationsUnreadable):
            room.find(NOW)
    room.turns(20)
    room.read(NOW + 10_000)
    assert room.find(NOW) == "0/0"


def test_the_stamp_of_the_last_record_is_not_known_since_another_record_may_have_it_too() -> None:
    partition = log(P0, NOW, NOW)
    partition.entries[1].committed = NOW + 20_000
    room = Room({P0: partition})
    at_the_horizon = NOW - SOURCE.max_delay_ms
    room.turns(8, at_the_horizon)
    assert room.table.partitions()[P0] == StoredPartition("t1", 1, NOW, ALWAYS)
    assert room.known(at_the_horizon - 1)
    assert not room.known(at_the_horizon)
    room.read(at_the_horizon)
    assert room.find(at_the_horizon) == "0/1"


def test_a_record_that_cannot_be_evaluated_yet_holds_its_partition() -> None:
    room = Room({P0: log(P0, NOW - 3_000, NOW - 2_000), P1: log(P1, NOW - 20_000)})
    room.answers[*P0, 0] = NotYet(("schema", 1))
    room.turns(30, NOW)
    assert not room.known(NOW)
    del room.answers[*P0, 0]
    room.read(NOW)
    assert room.find(NOW - 1_500) == "0/1"


def test_a_stall_names_the_schema_that_a_record_waits_for() -> None:
    room = Room({P0: log(P0, NOW - 3_000, NOW - 2_000)})
    room.answers[*P0, 0] = NotYet(("schema", 99))
    room.turns(60, NOW)
    (told,) = room.said("conversations_stalled")
    assert told["text"] == "chat/0 is read up to offset 0 of 2: the next record waits for schema 99"


def test_records_behind_one_that_waits_are_looked_at() -> None:
    room = Room({P0: log(P0, *[NOW - 3_000] * 4)})
    room.answers[*P0, 0] = NotYet(("schema", 99))
    room.turns(20, NOW)
    assert {1, 2, 3} <= set(room.evaluated)
    assert room.evaluated.count(3) <= 30, "once a second"
    assert room.table.points == 0


def test_invalid_records_are_counted_all_and_told_once_a_minute() -> None:
    room = Room({P0: log(P0, *[NOW - 1_000] * 5)})
    for offset in range(4):
        room.answers[*P0, offset] = Activities(problems=(Problem("bad-time", "it isn't one", "chat"),))
    room.answers[*P0, 4] = Activities((Activity("chat", None, "x" * 2_000, NOW, (("user", "u"),)),))
    room.read(NOW)
    assert room.listener.counts["conversation_problems", ("chat", "bad-time")] == 4
    assert room.listener.counts["conversation_problems", ("chat", "not-allowed")] == 1
    (told,) = room.said("conversation_record_invalid")
    assert (told["topic"], told["partition"], told["offset"], told["text"]) == ("chat", 0, 0, "chat: bad-time")


def test_what_is_told_more_than_a_day_before_it_happens_is_a_wrong_time() -> None:
    room = Room({P0: log(P0, NOW, NOW)})
    for offset in range(2):
        told = Activity("chat", None, f"0/{offset}", NOW + DAY + offset, (("user", "u"),))
        room.answers[*P0, offset] = Activities((told,))
    room.read(NOW)
    assert room.table.points == 1
    assert room.listener.counts["conversation_problems", ("chat", "bad-time")] == 1


def test_a_stamp_far_ahead_hides_nothing() -> None:
    room = Room({P0: log(P0, NOW - 3_000)})
    room.log.partitions[P0].entries += [
        Entry(NOW - 2_500, Message(*P0, 1, NOW + 2 * DAY), NOW - 2_500),
        Entry(NOW - 2_000, Message(*P0, 2, NOW - 2_000), NOW - 2_000),
    ]
    room.read(NOW)
    assert room.find(NOW) == "0/2"
    assert len(room.said("conversations_stamped_ahead")) == 1


def test_a_record_that_comes_too_late_for_what_was_decided_is_counted() -> None:
    room = Room({P0: log(P0, NOW - 3_000)})
    room.read(NOW)
    room.log.partitions[P0].entries.append(Entry(NOW + 60_000, Message(*P0, 1, NOW - 1_000), NOW + 60_000))
    room.turns(120)
    assert room.listener.counts["conversation_late", ("chat",)] == 1


def test_what_nobody_can_ask_for_any_more_expires() -> None:
    room = Room({P0: log(P0, NOW - 4 * DAY, NOW - 2 * DAY, NOW)})
    room.read(NOW - 4 * DAY + 1000)
    room.reader.progress(NOW - HOUR, NOW)
    room.turns(30)
    assert room.table.points == 1
    assert room.known(NOW - HOUR)
    assert not room.known(NOW - 3 * DAY)


def test_the_gauges_say_how_far_it_is() -> None:
    room = Room({P0: log(P0, NOW - 3_000)})
    room.read(NOW)
    room.reader.report()
    assert 0 < room.listener.gauges["conversation_behind_seconds", ("chat",)] < 10
    assert room.listener.gauges["conversation_points", ()] == 1
    assert room.listener.gauges["conversation_bytes", ()] > 0


def test_the_end_writes_what_is_read_and_closes_the_client() -> None:
    room = Room({P0: log(P0, NOW - 3_000)})
    room.known(NOW)
    room.turns()
    room.reader.close()
    assert room.log.closed

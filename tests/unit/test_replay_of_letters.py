"""Dead letters tried again, from a topic in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import msgspec
import pytest

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.dlq.letter_record import DeadLetterOrigin, encode
from greenflash_kafka.dlq.progress import Progress
from greenflash_kafka.dlq.reader import ParsedDeadLetter
from greenflash_kafka.dlq.topic import StoredDeadLetter
from greenflash_kafka.letter_judge import Judge
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Answer, Candidate, Question
from greenflash_kafka.model.message import Message
from greenflash_kafka.pass_stop import PAUSED_SECONDS
from greenflash_kafka.ports import DeadLetter
from greenflash_kafka.replay import Replay, ReplayReport
from greenflash_kafka.snapshot import Snapshot
from tests.simulation.world import Notices, ScriptedApi, VirtualClock, status

RULES = """\
version: 1
source: {topics: [orders]}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.amount, payload.currency)
      insert_id: = payload.id
"""
GOOD = {"type": "paid", "id": "o1", "amount": 100, "currency": "EUR"}


class Letters:
    """The dead-letter topic's only partition."""

    def __init__(self, records: list[StoredDeadLetter]) -> None:
        self.records = records
        self.commits: list[Progress] = []
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at == len(self.records)

    def take(self, limit: int, timeout: float) -> list[StoredDeadLetter]:
        assert timeout >= 0
        found = self.records[self._at : self._at + limit]
        self._at += len(found)
        return found

    def commit(self, progress: Mapping[int, Progress]) -> None:
        self.commits += progress.values()


class Chats:
    """Conversations that are known after so many turns of their reader, and the reader; `answer` to every question."""

    def __init__(self, answer: Answer, turns: int = 0) -> None:
        self._answer = answer
        self._left = turns
        self.questions: list[Question] = []
        self.dead = False
        self.stalled = ""

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:
        assert (sources, recorded) == (("chat",), 1_795_000_000_000)
        return self._left == 0

    def find(self, question: Question) -> Answer:
        self.questions.append(question)
        return self._answer

    def candidates(self, question: Question) -> Sequence[Candidate]:
        raise NotImplementedError(question)

    def turn(self) -> None:
        self._left -= 1 if self._left and not self.dead else 0

    @property
    def wait(self) -> float:
        return 0.5 if self.dead else 0.0

    def progress(self, oldest: int, furthest: int) -> None:
        raise NotImplementedError(oldest, furthest)

    def report(self) -> None:
        self.stalled = "chats/0 stands at offset 5" if self.dead else ""

    def close(self) -> None:
        raise NotImplementedError


LINKED = (
    RULES
    + "conversations: [{name: chat, when: {type: chat}, id: = payload.c, keys: {u: = payload.u}}]\n"
    + "link: {by: {u: = payload.id}, lookback: 24h}\n"
)


class Topic:
    """Letters, and replays of them with the rules of today."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "orders.yaml"
        self._file.write_text(RULES)
        self._records: list[StoredDeadLetter] = []
        self.chats: Chats | None = None
        self.clock = VirtualClock()
        self.api = ScriptedApi(self.clock)
        self.originals: dict[str, Message] = {}

    def rules(self, text: str) -> None:
        self._file.write_text(text)

    def keep(
        self,
        payload: object,
        *events: tuple[str, int | None, str | None, str],
        offset: int | None = None,
        without_value: bool = False,
    ) -> Message:
        at = len(self._records)
        value = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        message = Message("orders", 0, 100 + at if offset is None else offset, 1_795_000_000_000, b"k", value)
        dead_letter = DeadLetter(message, "bad-money", "", 1, events)
        record = encode(
            dead_letter, DeadLetterOrigin("cluster", "topic-id"), "without-value" if without_value else "whole"
        )
        self._records.append(
            StoredDeadLetter("dead", 0, at, 1_795_000_000_000, record.key, record.value, record.headers)
        )
        return message

    def foreign(self) -> None:
        self._records.append(StoredDeadLetter("dead", 0, len(self._records), 1_795_000_000_000, b"k", b"v", ()))

    def replay(
        self, start: Progress | None = None, *, send: bool = True, stop_at: float = 1e9, unlinked: bool = False
    ) -> tuple[ReplayReport, Progress]:
        """What it came to, and what is committed."""
        loaded = load([self._file], {})
        assert loaded.ruleset is not None
        deadlines = Deadlines(self.clock)
        dispatcher = Dispatcher(self.api, deadlines, self.clock, Random(1), Notices(), DispatcherSettings(in_flight=4))
        start = start or Progress(0)
        dead_letters = Letters(self._records[start.start :])
        rules = Snapshot(loaded.ruleset, EvaluationContext(conversations=self.chats))
        judge = Judge(rules, self._original, unlinked=unlinked)
        made = Replay(
            dead_letters,
            judge,
            {0: start},
            self.clock,
            deadlines,
            dispatcher if send else None,
            conversations=self.chats,
            oldest={0: 0},
        )
        report = made.run(lambda: self.clock.time >= stop_at)
        return report, dead_letters.commits[-1] if dead_letters.commits else start

    def _original(self, kept: ParsedDeadLetter) -> Message | None:
        return self.originals.get(kept.dead_letter.message.coordinates)


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    return Topic(tmp_path)


def test_what_passes_today_is_sent_and_committed_and_the_rest_stays_and_is_tried_again(topic: Topic) -> None:
    topic.keep(GOOD)
    topic.keep({**GOOD, "id": "o2", "currency": "XXL"})
    topic.keep({**GOOD, "id": "o3"})
    report, committed = topic.replay()
    assert (report.dead_letters, report.passed, report.events) == (3, 2, 2)
    assert set(topic.api.stored) == {"paid:o1", "paid:o3"}
    (staying,) = report.staying.values()
    assert (set(report.staying), staying.example) == ({("bad-money", "paid")}, "dead/0/1")
    assert committed == Progress(3, frozenset({1}))
    topic.api.requests.clear()
    report, _ = topic.replay(committed)
    assert (report.dead_letters, report.earlier, topic.api.requests) == (1, 2, [])


def test_without_sending_nothing_is_sent_or_committed(topic: Topic) -> None:
    topic.keep(GOOD)
    report, committed = topic.replay(send=False)
    assert (report.passed, report.events) == (1, 1)
    assert (topic.api.requests, committed) == ([], Progress(0))


def test_what_greenflash_has_is_not_sent_again(topic: Topic) -> None:
    topic.keep(GOOD, ("paid", None, "paid:o1", "accepted"))
    report, committed = topic.replay()
    assert (report.passed, report.events, topic.api.requests) == (1, 0, [])
    assert committed == Progress(1)


def test_a_letter_whose_events_would_get_other_ids_today_stays(topic: Topic) -> None:
    topic.keep(GOOD, ("old_name", None, "old_name:o1", "accepted"))
    report, _ = topic.replay()
    assert {code for code, _ in report.staying} == {"other-ids"}
    assert topic.api.requests == []


def test_a_letter_that_no_rule_asks_for_today_stays(topic: Topic) -> None:
    topic.keep({**GOOD, "type": "seen"})
    report, committed = topic.replay()
    assert {code for code, _ in report.staying} == {"filtered"}
    assert committed == Progress(1, frozenset({0}))


def test_a_letter_by_reference_needs_its_original(topic: Topic) -> None:
    there = topic.keep(GOOD, without_value=True)
    topic.keep({**GOOD, "id": "o2"}, without_value=True)
    topic.originals[there.coordinates] = there
    report, _ = topic.replay()
    assert set(topic.api.stored) == {"paid:o1"}
    assert {code for code, _ in report.staying} == {"original-gone"}


def test_a_letter_that_was_written_twice_is_tried_once_and_records_of_others_are_passed(topic: Topic) -> None:
    topic.keep(GOOD, offset=5)
    topic.foreign()
    topic.keep(GOOD, offset=5)
    report, committed = topic.replay()
    assert (report.passed, report.again, report.foreign) == (1, 1, 1)
    assert len(topic.api.requests) == 1
    assert committed == Progress(3)


def test_what_greenflash_refuses_again_stays_with_the_new_reason(topic: Topic) -> None:
    topic.keep(GOOD)
    topic.keep({**GOOD, "id": "bad"})
    refuse, take = status(422), topic.api.answer({})
    topic.api.answer = lambda event: refuse if event["insertId"] == "paid:bad" and topic.api.stored else take
    report, committed = topic.replay()
    assert set(topic.api.stored) == {"paid:o1"}
    assert ("status-422", "paid") in report.staying
    assert committed == Progress(2, frozenset({1}))


def test_a_replay_that_greenflash_refuses_as_such_ends_by_itself_and_loses_nothing(topic: Topic) -> None:
    topic.api.answer = lambda _: status(401)
    topic.keep(GOOD)
    began = topic.clock.time
    report, committed = topic.replay()
    assert "(401)" in report.stopped_by
    assert PAUSED_SECONDS < topic.clock.time - began < PAUSED_SECONDS + 60
    assert (report.unanswered, committed) == (1, Progress(0))


def test_a_replay_that_is_asked_to_stop_waits_for_what_is_in_flight(topic: Topic) -> None:
    topic.api.latency = lambda _: 5.0
    for number in range(8):
        topic.keep({**GOOD, "id": f"o{number}"})
    report, committed = topic.replay(stop_at=topic.clock.time + 1)
    assert report.stopped_by == "it was asked to stop"
    assert len(topic.api.stored) == 4, "those that were in flight"
    assert (report.passed, report.unanswered) == (4, 4)
    report, _ = topic.replay(committed)
    assert len(topic.api.stored) == 8


def linked(topic: Topic, answer: Answer, turns: int = 0) -> Chats:
    topic.rules(LINKED)
    topic.chats = Chats(answer, turns)
    return topic.chats


def test_a_link_is_decided_by_the_letters_own_timestamp_once_conversations_are_read(topic: Topic) -> None:
    chats = linked(topic, Answer("linked", "c-7", "chat", 1_794_999_000_000), turns=10_000)
    topic.keep(GOOD)
    report, committed = topic.replay()
    assert (report.passed, report.staying, committed) == (1, {}, Progress(1))
    assert [each["externalConversationId"] for each in topic.api.stored.values()] == ["c-7"]
    assert {each.recorded for each in chats.questions} == {1_795_000_000_000}


def test_a_letter_whose_history_is_gone_stays_unless_it_may_go_without_a_link(topic: Topic) -> None:
    linked(topic, Answer("history"))
    topic.keep(GOOD)
    topic.keep({**GOOD, "id": "o2"}, ("paid", None, "paid:o2", "accepted"))
    report, committed = topic.replay()
    assert set(report.staying) == {("link-history", "paid")}
    assert report.passed == 1, "what Greenflash has needs no link"
    assert committed == Progress(2, frozenset({0}))
    report, committed = topic.replay(committed, unlinked=True)
    assert set(topic.api.stored) == {"paid:o1"}
    assert "externalConversationId" not in topic.api.stored["paid:o1"]


def test_conversations_that_nobody_can_read_end_a_replay(topic: Topic) -> None:
    linked(topic, Answer("none"), turns=1).dead = True
    topic.keep(GOOD)
    report, committed = topic.replay()
    assert "the conversations chat" in report.stopped_by
    assert report.stopped_by.endswith("isn't known yet: chats/0 stands at offset 5")
    assert (report.unanswered, committed) == (1, Progress(0))

"""A message in hand, until the last of its events is settled."""

from __future__ import annotations

import pytest

from greenflash_kafka.delivery.queue import PartitionQueue, Send
from greenflash_kafka.delivery.response_table import ACCEPTED, Verdict
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.pending_message import PendingMessage, PendingMessages, begin
from tests.fakes.owner import event

REFUSED = Verdict("dead_letter", "status-422", "Greenflash refused the event's content (422)")
MESSAGE = Message("orders", 2, 7, 5, b"key", b"value")


class Pipeline:
    """Who goes on with a message; remembers it."""

    def __init__(self) -> None:
        self.draining = False
        self.settled: list[PendingMessage] = []
        self.gone: list[PendingMessage] = []

    def events_settled(self, work: PendingMessage) -> None:
        self.settled.append(work)

    def abandoned(self, work: PendingMessage) -> None:
        self.gone.append(work)


@pytest.fixture
def pipeline() -> Pipeline:
    return Pipeline()


def work_of(pipeline: Pipeline, *names: str, problems: tuple[Problem, ...] = ()) -> PendingMessage:
    outcome = Outcome(tuple(event(name) for name in names), problems)
    return begin(pipeline, MESSAGE, OffsetTracker(("orders", 2), 0), outcome, 100.0, "rules-1")


def send(work: PendingMessage, number: int, attempts: int = 1) -> Send:
    return Send(work.outcome.events[number], work, PartitionQueue(), attempts=attempts)


def test_a_message_is_settled_by_the_last_of_its_events(pipeline: Pipeline) -> None:
    work = work_of(pipeline, "a", "b")
    work.settled(send(work, 0), ACCEPTED)
    assert pipeline.settled == []
    work.failed(send(work, 1), Verdict("retry", "status-503", ""))
    work.settled(send(work, 1, attempts=4), ACCEPTED)
    assert pipeline.settled == [work]
    assert (work.attempts, work.last_code, work.refused) == (4, "status-503", None)


def test_a_dead_letter_says_of_every_event_what_became_of_it(pipeline: Pipeline) -> None:
    work = work_of(pipeline, "a", "b")
    work.settled(send(work, 0), ACCEPTED)
    work.settled(send(work, 1, attempts=3), REFUSED)
    dead_letter = work.dead_letter()
    assert (dead_letter.message, dead_letter.code, dead_letter.text, dead_letter.attempts) == (
        MESSAGE,
        REFUSED.code,
        REFUSED.text,
        3,
    )
    assert dead_letter.events == (("rule", None, "a", "accepted"), ("rule", None, "b", "status-422"))
    assert dead_letter.rules == "rules-1", "the rules that evaluated it, whatever is used by now"


def test_what_could_not_be_made_is_the_reason_before_what_was_refused(pipeline: Pipeline) -> None:
    problems = (Problem("bad-money", "no such currency", "paid", 1, "value"), Problem("missing", "no id", "seen"))
    work = work_of(pipeline, "a", problems=problems)
    work.settled(send(work, 0), REFUSED)
    dead_letter = work.dead_letter()
    assert dead_letter.code == "bad-money"
    assert dead_letter.text == "paid / item 1 / value: bad-money: no such currency; seen: missing: no id"
    assert dead_letter.events == (
        ("rule", None, "a", "status-422"),
        ("paid", 1, None, "bad-money"),
        ("seen", None, None, "missing"),
    )


def test_nothing_is_sent_for_a_partition_that_goes_or_a_process_that_drains(pipeline: Pipeline) -> None:
    work = work_of(pipeline, "a")
    assert work.may_send
    pipeline.draining = True
    assert not work.may_send
    pipeline.draining = False
    work.tracker.closing = True
    assert not work.may_send
    work.abandoned(send(work, 0))
    assert (pipeline.gone, pipeline.settled) == ([work], [])


def test_what_is_in_hand_costs_its_bytes_and_its_events_once(pipeline: Pipeline) -> None:
    hand, work, larger = PendingMessages(), work_of(pipeline), work_of(pipeline, "a", "b")
    hand.add(work)
    hand.add(larger)
    assert work.cost >= len(b"value") + len(b"key")
    assert larger.cost > work.cost, "small messages cost their events"
    assert hand.bytes == work.cost + larger.cost
    assert larger.tracker.bytes_in_hand == larger.cost
    hand.discard(larger)
    hand.discard(larger)
    assert (hand.bytes, larger.tracker.bytes_in_hand, hand.messages) == (work.cost, 0, {work})

"""Events whose conversation the service doesn't know, over HTTP: each is stored once, without its link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import pytest

from greenflash_kafka.clock import SystemClock
from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.curl import CurlTransport
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.delivery.sdk_request import capture
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Answer, Candidate, Question
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.owner import MemoryOwner
from tests.simulation.world import Notices
from tests.waiting import until

NOW = 1_795_000_000_000
EVENTS = 60

FILES = {
    "chat.yaml": """\
version: 1
source: {topics: [chat]}
conversations:
  - name: chat
    when: {role: user}
    id: = payload.c
    at: = kafka.timestamp
    keys: {external_user_id: = payload.user}
    max_delay: 1m
""",
    "orders.yaml": """\
version: 1
source: {topics: [orders]}
link: {lookback: 24h}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.amount, payload.currency)
      external_user_id: = payload.user
      insert_id: = payload.id
      properties: {chat: = conversation.id, method: = conversation.method}
""",
}


class Chats:
    """The conversation of each user, `c-` and the user's number; every third has none."""

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:  # noqa: ARG002
        return True

    def find(self, question: Question) -> Answer:
        number = question.keys[0][1]
        return Answer("linked", f"c-{number}", "chat", NOW - 5_000) if int(number) % 3 else Answer("none")

    def candidates(self, question: Question) -> Sequence[Candidate]:  # noqa: ARG002
        return ()


class Delivery:
    """Messages evaluated with these chats, and their events sent to a sandbox over HTTP."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        for name, text in FILES.items():
            (folder / name).write_text(text)
        ruleset = load([folder], {}).ruleset
        assert ruleset is not None
        self.snapshot = Snapshot(ruleset, EvaluationContext(conversations=Chats()))
        clock = SystemClock()
        self.owner, self.notices, self.deadlines = MemoryOwner(), Notices(), Deadlines(clock)
        self.transport = CurlTransport(capture(sandbox.base_url, "k", allow_http=True))
        settings = DispatcherSettings(in_flight=8)
        self.dispatcher = Dispatcher(self.transport, self.deadlines, clock, Random(1), self.notices, settings)

    def event(self, number: int) -> Event:
        payload = f'{{"type": "paid", "id": {number}, "user": "{number}", "amount": 4900, "currency": "eur"}}'
        outcome = evaluate(Message("orders", 0, number, NOW, None, payload.encode()), self.snapshot)
        assert isinstance(outcome, Outcome)
        return outcome.events[0]

    def send(self, *events: Event) -> None:
        for event in events:
            self.dispatcher.submit(event, self.owner)

        def settled() -> bool:
            self.deadlines.run_due()
            self.dispatcher.pump()
            self.dispatcher.poll(self.deadlines.wait(0.05))
            return self.dispatcher.outstanding == 0

        until(settled, "every event settled", progress=lambda: self.dispatcher.accepted, every=0)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.mark.parametrize("status", [404, 422])
@pytest.mark.parametrize("known", [[], ["c-1*"]])
def test_every_event_is_stored_once_and_only_unknown_conversations_are_left_out(
    sandbox: Sandbox, tmp_path: Path, status: int, known: list[str]
) -> None:
    sandbox.set_faults(
        [
            {"kind": "status", "status": 503, "rate": 0.1, "requests": list(range(20, 80))},
            {"kind": "unknown_conversation", "status": status, "known": known},
            {"kind": "reply_lost", "requests": [30, 45]},
        ]
    )
    delivery = Delivery(sandbox, tmp_path)
    delivery.send(*(delivery.event(number) for number in range(EVENTS)))
    delivery.transport.close()
    stored = {event["insertId"]: event for event in sandbox.events()}
    assert sorted(stored) == sorted(f"paid:{number}" for number in range(EVENTS))
    refused = 0
    for number in range(EVENTS):
        conversation = f"c-{number}" if number % 3 else None
        goes = conversation is not None and conversation.startswith("c-1") and bool(known)
        refused += conversation is not None and not goes
        event = stored[f"paid:{number}"]
        assert event.get("externalConversationId") == (conversation if goes else None)
        # All else is as it was: only the id is taken out.
        assert event.get("properties") == ({"chat": conversation, "method": "last_touch"} if conversation else None)
    stats = sandbox.stats()
    assert (stats["stored"], stats["conflicts"]) == (EVENTS, 0)
    assert sum(number for (name, _), number in delivery.notices.counts.items() if name == "links_refused") == refused
    assert {code for _, code in delivery.owner.told if not code.startswith("failed")} == {"accepted"}


def test_a_crash_between_the_two_requests_stores_nothing_twice(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.set_faults([{"kind": "unknown_conversation"}])
    first = Delivery(sandbox, tmp_path)
    event = first.event(1)
    first.send(event)
    first.transport.close()
    # The message is read again by the next process, which decides the same, and is refused the same.
    second = Delivery(sandbox, tmp_path)
    assert second.event(1) == event
    second.send(second.event(1))
    second.transport.close()
    stats = sandbox.stats()
    assert (stats["stored"], stats["conflicts"], stats["duplicates"]) == (1, 0, 1)
    assert "externalConversationId" not in sandbox.events()[0]

"""A link that the service refuses costs no event: it goes out once more without it."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.delivery.link_fallback import NOTICE_SECONDS
from greenflash_kafka.model.event import Event
from tests.fakes.owner import MemoryOwner, event, linked
from tests.simulation.world import Answer, Notices, ScriptedApi, VirtualClock, accepted, status


class Delivery:
    """A dispatcher in virtual time, to a service that doesn't know some conversations."""

    def __init__(self, *, works: bool = True, code: int = 404, **settings: Any) -> None:
        self.clock, self.notices = VirtualClock(), Notices()
        self.api = ScriptedApi(self.clock)
        self.deadlines = Deadlines(self.clock)
        self.owner = MemoryOwner()
        self.known: set[str] = set()
        self.others: Answer = accepted
        self.code = code
        self.dispatcher = Dispatcher(
            self.api,
            self.deadlines,
            self.clock,
            Random(1),
            self.notices,
            DispatcherSettings(**{"in_flight": 4, **settings}),
        )
        if works:
            # Before the first acceptance an answer that refuses an event may mean a wrong address.
            self.submit(event("first"))
            self.run(1)
            self.owner.told.clear()
            self.api.requests.clear()
        self.api.answer = self.choose

    def choose(self, given: Mapping[str, object]) -> Answer:
        conversation = given.get("externalConversationId")
        return self.others if conversation in (None, *self.known) else status(self.code)

    def submit(self, *events: Event, owner: MemoryOwner | None = None) -> None:
        for each in events:
            self.dispatcher.submit(each, owner or self.owner)

    def run(self, seconds: float) -> None:
        until = self.clock.time + seconds
        while self.clock.time < until:
            self.deadlines.run_due()
            self.dispatcher.pump()
            self.dispatcher.poll(self.deadlines.wait(0.05))

    @property
    def requests(self) -> list[tuple[str, object]]:
        return [(str(given["insertId"]), given.get("externalConversationId")) for _, given in self.api.requests]

    def told(self, name: str) -> list[dict[str, object]]:
        return [facts for told, facts in self.notices.seen if told == name]

    @property
    def refused(self) -> int:
        return sum(self.notices.counts[key] for key in self.notices.counts if key[0] == "links_refused")


@pytest.mark.parametrize("code", [400, 404, 422])
def test_an_event_whose_conversation_is_unknown_is_stored_without_it(code: int) -> None:
    delivery = Delivery(code=code)
    delivery.known = {"c-1"}
    delivery.submit(linked("a"), linked("b", "c-1"), event("c"))
    delivery.run(5)
    assert sorted(delivery.requests, key=str) == [("a", "c-7"), ("a", None), ("b", "c-1"), ("c", None)]
    assert sorted(delivery.owner.told) == [
        ("a", "accepted"),
        ("a", f"failed status-{code}"),
        ("b", "accepted"),
        ("c", "accepted"),
    ]
    assert "externalConversationId" not in delivery.api.stored["a"]
    assert delivery.refused == 1
    assert delivery.dispatcher.outstanding == 0


def test_it_is_told_once_a_minute_how_many_there_are() -> None:
    delivery = Delivery()
    delivery.submit(linked("a"), linked("b"), linked("c"))
    delivery.run(5)
    assert delivery.told("links_refused") == [{"rule": "rule", "source": "chat", "code": "404", "left_out": 0}]
    delivery.run(NOTICE_SECONDS)
    delivery.submit(linked("d"))
    delivery.run(5)
    assert [each["left_out"] for each in delivery.told("links_refused")] == [0, 2]
    assert delivery.refused == 4


def test_only_what_is_refused_without_its_link_too_is_refused() -> None:
    delivery = Delivery(code=422)
    delivery.others = status(422)
    delivery.submit(linked("a"))
    delivery.run(5)
    assert delivery.requests == [("a", "c-7"), ("a", None)]
    assert delivery.owner.told[-1] == ("a", "status-422")
    assert delivery.refused == 0


def test_a_conversation_that_the_rule_gave_itself_is_a_part_of_the_event() -> None:
    delivery = Delivery()
    delivery.submit(linked("a", result="own"))
    delivery.run(5)
    assert delivery.requests == [("a", "c-7")]
    assert delivery.owner.told[-1] == ("a", "status-404")


@pytest.mark.parametrize("code", [413, 503])
def test_other_answers_say_nothing_of_the_link(code: int) -> None:
    delivery = Delivery(code=code)
    delivery.submit(linked("a"))
    delivery.run(0.5)
    assert {conversation for _, conversation in delivery.requests} == {"c-7"}
    assert delivery.refused == 0


def test_what_fails_without_its_link_is_tried_again_without_it() -> None:
    delivery = Delivery()
    delivery.others = status(503)
    delivery.submit(linked("a"))
    delivery.run(1)
    delivery.others = accepted
    delivery.run(120)
    assert delivery.requests[0] == ("a", "c-7")
    assert {conversation for _, conversation in delivery.requests[1:]} == {None}
    assert delivery.owner.told[-1] == ("a", "accepted")
    assert delivery.refused == 1


def test_a_refused_link_is_no_failure_of_the_service() -> None:
    delivery = Delivery(give_up_after=0.0)
    delivery.submit(*(linked(f"e{number}") for number in range(100)))
    delivery.run(30)
    assert sorted(name for name, result in delivery.owner.told if result == "accepted") == sorted(
        f"e{number}" for number in range(100)
    )
    assert delivery.dispatcher.pause_reason is None
    assert not delivery.told("delivery_paused")
    assert not delivery.told("delivery_failing")
    assert len(delivery.requests) == 200


def test_the_next_of_a_key_waits_for_the_event_without_its_link() -> None:
    delivery = Delivery(order="key")
    delivery.submit(linked("a"), event("b"), owner=MemoryOwner(key=b"k"))
    delivery.run(5)
    assert delivery.requests == [("a", "c-7"), ("a", None), ("b", None)]


def test_what_may_not_be_sent_any_more_is_left_to_the_next_owner() -> None:
    delivery = Delivery()
    delivery.api.latency = lambda _: 1.0
    delivery.submit(linked("a"))
    delivery.run(0.5)
    delivery.owner.may_send = False
    delivery.run(5)
    assert delivery.requests == [("a", "c-7")]
    assert delivery.owner.told[-1] == ("a", "abandoned")
    assert delivery.dispatcher.outstanding == 0


def test_the_first_event_of_a_process_may_have_a_link_that_is_unknown() -> None:
    # Before anything was accepted the answer may mean a wrong address: the probe finds out.
    delivery = Delivery(works=False)
    delivery.submit(*(linked(f"e{number}") for number in range(10)))
    delivery.run(30)
    assert sorted(delivery.api.stored) == [f"e{number}" for number in range(10)]
    assert delivery.refused == 10
    assert delivery.dispatcher.pause_reason is None


def test_a_wrong_address_costs_no_link() -> None:
    delivery = Delivery(works=False)
    delivery.others = status(404)
    delivery.submit(linked("a"), linked("b"))
    delivery.run(30)
    assert delivery.dispatcher.pause_reason is not None
    assert delivery.owner.told
    assert {result for _, result in delivery.owner.told} == {"failed status-404"}
    delivery.others, delivery.known = accepted, {"c-7"}
    delivery.run(60)
    assert [delivery.api.stored[name]["externalConversationId"] for name in ("a", "b")] == ["c-7", "c-7"]
    assert delivery.refused == 0


def test_a_probe_of_an_outage_that_is_refused_for_its_link_ends_the_outage() -> None:
    delivery = Delivery(code=503)
    delivery.others = status(503)
    delivery.submit(*(linked(f"e{number}") for number in range(30)))
    delivery.run(20)
    assert delivery.dispatcher.outage
    delivery.code, delivery.others = 404, accepted
    delivery.run(120)
    assert len(delivery.api.stored) == 31
    assert delivery.refused == 30
    assert delivery.dispatcher.pause_reason is None

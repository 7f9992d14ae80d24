"""The fate of each event, whatever is answered."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.delivery.policy import PROBE_AFTER
from greenflash_kafka.ports import Reply, Request
from tests.fakes.owner import MemoryOwner, event
from tests.simulation.world import Answer, Notices, ScriptedApi, VirtualClock, accepted, status


class Delivery:
    """A dispatcher in virtual time."""

    def __init__(self, **settings: Any) -> None:
        self.clock, self.notices = VirtualClock(), Notices()
        self.api = ScriptedApi(self.clock)
        self.deadlines = Deadlines(self.clock)
        self.owner = MemoryOwner()
        self.dispatcher = Dispatcher(
            self.api,
            self.deadlines,
            self.clock,
            Random(1),
            self.notices,
            DispatcherSettings(**{"in_flight": 4, **settings}),
            self._read_key,
        )
        self.keys_read = 0

    def _read_key(self) -> None:
        self.keys_read += 1

    def submit(self, *names: str, owner: MemoryOwner | None = None, rule: str = "rule") -> None:
        for name in names:
            self.dispatcher.submit(event(name, rule), owner or self.owner)

    def run(self, seconds: float) -> None:
        until = self.clock.time + seconds
        while self.clock.time < until:
            self.deadlines.run_due()
            self.dispatcher.pump()
            self.dispatcher.poll(self.deadlines.wait(0.05))

    def refuse(self, name: str, answer: Answer) -> None:
        """Answer so to this event; all others are accepted."""

        def choose(given: Mapping[str, object]) -> Answer:
            return answer if given["insertId"] == name else accepted

        self.api.answer = choose

    @property
    def requests(self) -> list[str]:
        return [str(given["insertId"]) for _, given in self.api.requests]


@pytest.fixture
def delivery() -> Delivery:
    made = Delivery()
    # Before the first acceptance an answer that refuses an event may mean a wrong address.
    made.submit("first")
    made.run(1)
    made.owner.told.clear()
    made.api.requests.clear()
    return made


def test_an_accepted_event_is_settled_once_and_sent_once(delivery: Delivery) -> None:
    delivery.submit("a", "b")
    assert delivery.dispatcher.outstanding == 2
    delivery.run(5)
    assert sorted(delivery.owner.told) == [("a", "accepted"), ("b", "accepted")]
    assert delivery.requests == ["a", "b"]
    assert (delivery.dispatcher.outstanding, delivery.dispatcher.in_flight, delivery.dispatcher.accepted) == (0, 0, 3)


def test_no_more_are_in_flight_than_may_be(delivery: Delivery) -> None:
    delivery.submit(*(f"e{number}" for number in range(40)))
    delivery.run(20)
    assert len(delivery.owner.told) == 40
    assert delivery.api.most_in_flight == 4


def test_a_refused_event_is_settled_with_its_status_and_holds_nobody(delivery: Delivery) -> None:
    delivery.refuse("bad", status(422))
    delivery.submit("bad", "good")
    delivery.run(5)
    assert sorted(delivery.owner.told) == [("bad", "failed status-422"), ("bad", "status-422"), ("good", "accepted")]
    assert delivery.requests.count("bad") == 1


def test_a_failure_is_tried_again_for_as_long_as_it_takes_under_the_same_id(delivery: Delivery) -> None:
    delivery.refuse("late", status(503))
    delivery.submit("late")
    delivery.run(3600)
    assert {told for _, told in delivery.owner.told} == {"failed status-503"}
    assert delivery.requests.count("late") > 10
    delivery.api.answer = lambda _: accepted
    delivery.run(600)
    assert delivery.owner.told[-1] == ("late", "accepted")
    assert delivery.dispatcher.outstanding == 0


def test_an_event_that_fails_alone_is_given_up_only_if_that_is_configured() -> None:
    delivery = Delivery(give_up_after=60.0)
    delivery.refuse("late", status(503))
    delivery.submit("late")
    for number in range(30):
        delivery.submit(f"other{number}")
        delivery.run(10)
    assert ("late", "gave-up") in delivery.owner.told


def test_a_service_that_fails_for_everybody_makes_nobody_be_given_up() -> None:
    delivery = Delivery(give_up_after=60.0)
    delivery.submit("first")
    delivery.run(1)
    delivery.api.answer = lambda _: status(503)
    delivery.submit(*(f"e{number}" for number in range(20)))
    delivery.run(3600)
    assert not [told for _, told in delivery.owner.told if told == "gave-up"]
    assert delivery.dispatcher.outstanding == 20


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_key_stops_all_sending_but_probes_and_loses_nothing(delivery: Delivery, code: int) -> None:
    delivery.api.answer = lambda _: status(code)
    delivery.submit(*(f"e{number}" for number in range(30)))
    delivery.run(120)
    assert delivery.dispatcher.pause_reason is not None
    assert delivery.dispatcher.wants_no_more
    assert len(delivery.api.requests) <= 4 + 8, "those in flight, and a probe now and then"
    assert delivery.dispatcher.outstanding == 30
    delivery.api.answer = lambda _: accepted
    delivery.run(120)
    assert sum(told == "accepted" for _, told in delivery.owner.told) == 30
    assert delivery.dispatcher.pause_reason is None


def refused_key(in_flight: int = 1) -> Delivery:
    """Paused since its key is refused, with nothing in hand but the event that was refused."""
    delivery = Delivery(in_flight=in_flight)
    delivery.api.answer = lambda _: status(401)
    delivery.submit("refused", rule="other")
    delivery.run(0.5)
    delivery.api.requests.clear()
    return delivery


def test_one_event_at_a_time_finds_out_less_and_less_often_and_the_key_is_read_again_before_each() -> None:
    delivery = refused_key()
    began = delivery.clock.time - 0.5
    delivery.run(120)
    sent = [began, *(at for at, _ in delivery.api.requests)]
    gaps = [at - before for before, at in pairwise(sent)]
    assert len(gaps) > len(PROBE_AFTER)
    for gap, least in zip(gaps, [*PROBE_AFTER, *[PROBE_AFTER[-1]] * len(gaps)], strict=False):
        assert least <= gap < least + 1
    assert delivery.keys_read == len(gaps)
    assert delivery.dispatcher.probes == len(gaps)


def test_no_second_probe_goes_out_while_the_first_has_no_answer() -> None:
    delivery = refused_key()
    delivery.api.latency = lambda _: 1000.0
    delivery.submit("a", "b")
    delivery.run(300)
    assert delivery.requests == ["a"]


def test_rules_are_probed_in_turns_since_one_alone_may_be_refused() -> None:
    delivery = refused_key()
    for name in ("bad1", "bad2", "good1"):
        delivery.submit(name, rule=name[:-1])
    delivery.run(10)
    assert delivery.requests[:2] == ["bad1", "good1"]


def test_even_a_probe_waits_for_as_long_as_the_service_asks(delivery: Delivery) -> None:
    delivery.api.latency = lambda given: 0.2 if given["insertId"] == "asks" else 0.1
    delivery.api.answer = lambda given: (
        status(429, [("retry-after", "60")]) if given["insertId"] == "asks" else status(401)
    )
    delivery.submit("asks", "refused")
    delivery.run(1)
    assert delivery.dispatcher.pause_reason is not None
    delivery.api.requests.clear()
    delivery.api.latency = lambda _: 1000.0
    delivery.run(50)
    assert delivery.requests == []
    delivery.run(20)
    assert len(delivery.requests) == 1


def test_a_pause_and_its_end_are_told_once() -> None:
    delivery = refused_key()
    delivery.run(300)
    delivery.api.answer = lambda _: accepted
    delivery.run(300)
    assert delivery.notices.names == ["delivery_paused", "delivery_failing", "delivery_working", "delivery_resumed"]
    assert "API key" in str(delivery.notices.seen[0][1]["text"])


def test_an_asked_wait_holds_everything_for_so_long(delivery: Delivery) -> None:
    delivery.refuse("asks", status(429, [("retry-after", "30")]))
    delivery.submit("asks")
    delivery.run(1)
    assert 28 < delivery.dispatcher.waits_for <= 33
    asked = delivery.clock.time
    delivery.submit("other")
    delivery.run(60)
    assert next(at for at, given in delivery.api.requests if given["insertId"] == "other") > asked + 28


def test_the_next_of_a_key_goes_out_when_the_one_before_is_settled() -> None:
    delivery = Delivery(order="key")
    owner = MemoryOwner(0, b"k")
    delivery.refuse("k1", status(503))
    delivery.submit("k1", "k2", owner=owner)
    delivery.submit("free")
    delivery.run(60)
    assert set(delivery.requests) == {"k1", "free"}
    delivery.api.answer = lambda _: accepted
    delivery.run(120)
    assert [name for name, told in owner.told if told == "accepted"] == ["k1", "k2"]


def test_what_may_not_be_sent_any_more_is_abandoned_and_what_is_in_flight_still_counts(delivery: Delivery) -> None:
    going = MemoryOwner(1)
    delivery.refuse("retried", status(503))
    delivery.submit("retried", owner=going)
    delivery.run(1)
    delivery.api.latency = lambda _: 5.0
    delivery.submit("in-flight", owner=going)
    delivery.dispatcher.pump()
    delivery.submit("queued", owner=going)
    going.may_send = False
    delivery.dispatcher.abandon()
    delivery.run(10)
    last = dict(going.told)
    assert last == {"retried": "abandoned", "queued": "abandoned", "in-flight": "accepted"}
    assert delivery.dispatcher.outstanding == 0


def test_a_rate_counts_retries_too() -> None:
    delivery = Delivery(max_events_per_second=5.0)
    delivery.refuse("bad", status(503))
    delivery.submit("bad", *(f"e{number}" for number in range(200)))
    delivery.run(20)
    assert 90 <= len(delivery.api.requests) <= 102


def test_what_the_transport_sent_again_by_itself_is_counted_and_takes_of_the_rate() -> None:
    delivery = Delivery(max_events_per_second=5.0)

    def sent_three_times(request: Request) -> Reply:
        reply = accepted(request)
        reply.sent = 3
        return reply

    delivery.api.answer = lambda _: sent_three_times
    delivery.submit(*(f"e{number}" for number in range(200)))
    delivery.run(20)
    requests = len(delivery.api.requests)
    assert 90 <= 3 * requests <= 107
    assert delivery.notices.counts["http_requests", ("reset",)] == 2 * delivery.dispatcher.accepted


def test_what_fails_for_a_minute_is_told_once_and_so_is_that_it_works_again() -> None:
    delivery = Delivery()
    delivery.api.answer = lambda _: status(503)
    delivery.submit("a")
    delivery.run(300)
    delivery.api.answer = lambda _: accepted
    delivery.run(300)
    assert [name for name in delivery.notices.names if name in ("delivery_failing", "delivery_working")] == [
        "delivery_failing",
        "delivery_working",
    ]
    assert delivery.dispatcher.accepted == 1

"""Probes and notices of a pause."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.circuit_breaker import NOTICE_SECONDS, PROBE_AFTER, CircuitBreaker
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.delivery.send import Send
from greenflash_kafka.delivery.send_queue import SendQueue
from tests.fakes.owner import MemoryOwner, event
from tests.simulation.world import Notices, VirtualClock

NO_KEY = Verdict("pause", "status-401", "Greenflash doesn't know the API key (401)")
DOWN = Verdict("retry", "connect", "no connection to Greenflash")


class Paused:
    """A pause and its surroundings."""

    def __init__(self) -> None:
        self.clock, self.notices = VirtualClock(), Notices()
        self.deadlines = Deadlines(self.clock)
        self.lanes = SendQueue(by_key=False)
        self.sent: list[tuple[float, str]] = []
        self.keys_read = 0
        self.wait = 0.0
        self.pause = CircuitBreaker(
            self.lanes,
            self.deadlines,
            self.notices,
            before=self._read_key,
            drop=lambda: None,
            waits_for=lambda: self.wait,
            start=self._start,
        )

    def _read_key(self) -> None:
        self.keys_read += 1

    def _start(self, send: Send) -> None:
        self.sent.append((self.clock.time, send.event.insert_id))

    def run(self, seconds: float, answer: Callable[[Send], None] = lambda _: None) -> None:
        """Let so much time pass; `answer` is told of each probe."""
        until = self.clock.time + seconds
        while self.clock.time < until:
            before = len(self.sent)
            self.deadlines.run_due()
            if len(self.sent) > before and self.pause.probe is not None:
                answer(self.pause.probe)
            self.clock.sleep(min(0.25, max(0.01, self.deadlines.wait(0.25))))


@pytest.fixture
def paused() -> Paused:
    return Paused()


def refuse(paused: Paused) -> Callable[[Send], None]:
    def answer(send: Send) -> None:
        paused.lanes.completed(send)
        paused.lanes.again(send)
        paused.pause.open(NO_KEY, was_probe=True)

    return answer


def test_one_event_at_a_time_finds_out_less_and_less_often_and_the_key_is_read_again_before_each(
    paused: Paused,
) -> None:
    for number in range(3):
        paused.lanes.add(event(f"e{number}"), MemoryOwner(number))
    began = paused.clock.time
    paused.pause.open(NO_KEY, was_probe=False)
    paused.run(120, refuse(paused))
    gaps = [at - before for (before, _), (at, _) in zip([(began, ""), *paused.sent], paused.sent, strict=False)]
    assert len(gaps) > len(PROBE_AFTER)
    for gap, least in zip(gaps, [*PROBE_AFTER, *[PROBE_AFTER[-1]] * len(gaps)], strict=False):
        assert least <= gap < least + 1
    assert paused.keys_read == len(paused.sent)
    assert paused.pause.probes == len(paused.sent)


def test_no_second_probe_goes_out_while_the_first_has_no_answer(paused: Paused) -> None:
    paused.lanes.add(event("a"), MemoryOwner())
    paused.lanes.add(event("b"), MemoryOwner())
    paused.pause.open(NO_KEY, was_probe=False)
    paused.run(300)
    assert [name for _, name in paused.sent] == ["a"]


def test_rules_are_probed_in_turns_since_one_alone_may_be_refused(paused: Paused) -> None:
    for name in ("bad1", "bad2", "good1"):
        paused.lanes.add(event(name, rule=name[:-1]), MemoryOwner())
    paused.pause.open(NO_KEY, was_probe=False)
    paused.run(10, refuse(paused))
    assert [name for _, name in paused.sent][:2] == ["bad1", "good1"]


def test_even_a_probe_waits_for_as_long_as_the_service_asks(paused: Paused) -> None:
    paused.lanes.add(event("a"), MemoryOwner())
    paused.wait = 60
    paused.pause.open(NO_KEY, was_probe=False)
    paused.run(50)
    assert paused.sent == []
    paused.wait = 0
    paused.run(20)
    assert len(paused.sent) == 1


def test_what_sat_an_outage_out_is_ready_after_it_and_goes_out_little_by_little(paused: Paused) -> None:
    paused.lanes.add(event("a"), MemoryOwner())
    failed = paused.lanes.take(10)
    assert failed is not None
    paused.lanes.completed(failed)
    paused.lanes.later(failed)
    paused.pause.hold(DOWN)
    assert paused.pause.outage
    assert paused.lanes.ready == 0
    assert paused.pause.close(), "a ramp is called for"
    assert paused.lanes.ready == 1
    assert paused.pause.reason is None
    assert not paused.pause.outage


def test_a_pause_of_another_kind_needs_no_ramp(paused: Paused) -> None:
    paused.pause.open(NO_KEY, was_probe=False)
    assert not paused.pause.close()


def test_a_pause_and_its_end_are_told_once(paused: Paused) -> None:
    paused.lanes.add(event("a"), MemoryOwner())
    paused.pause.open(NO_KEY, was_probe=False)
    paused.run(300, refuse(paused))
    paused.pause.close()
    paused.run(300)
    assert paused.notices.names == ["delivery_paused", "delivery_resumed"]
    assert paused.notices.seen[0][1]["text"] == NO_KEY.text


def test_a_service_that_fails_and_recovers_each_second_fills_no_log(paused: Paused) -> None:
    for _ in range(round(2 * NOTICE_SECONDS) + 10):
        paused.pause.hold(DOWN)
        paused.run(0.5)
        paused.pause.close()
        paused.run(0.5)
    assert len(paused.notices.names) <= 2 * 3
    counted = sum(int(str(facts.get("pauses", 0))) for _, facts in paused.notices.seen)
    assert counted >= 2 * NOTICE_SECONDS - 10, f"what isn't told one by one is counted: {paused.notices.seen}"

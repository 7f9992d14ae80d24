"""The delivery's state machine: each row of its table, and what holds whatever happens."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.delivery.failures import EVENTS, ROW, Failures
from greenflash_kafka.delivery.policy import (
    FAILING_SECONDS,
    PROBE_AFTER,
    SUSPICIOUS_ANSWERS,
    TABLE,
    Decision,
    FailedAttempt,
    Fate,
    Input,
    Policy,
    Row,
    State,
    Wish,
)
from greenflash_kafka.delivery.requested_wait import PROBE_SECONDS
from greenflash_kafka.delivery.response_table import Verdict

BUSY = Verdict("retry", "status-503", "Greenflash failed (503)")
ALONE = Verdict("retry", "status-409", "Greenflash is busy with the same event (409)")
INVALID = Verdict("dead_letter", "status-422", "Greenflash refused the event's content (422)")
NO_KEY = Verdict("pause", "status-401", "Greenflash doesn't know the API key (401)")
WRONG_ADDRESS = Verdict("pause", "status-404", "Greenflash doesn't know this address or product (404)")
STRANGER = Verdict("retry", "not-json", "the server answered 200, but the body isn't JSON", suspicious=True)


def asks(seconds: float, code: str = "status-429") -> Verdict:
    """A response that requests a wait for all."""
    return Verdict("retry", code, f"Greenflash asks to send more slowly ({code})", retry_after=seconds, shared=True)


class Machine:
    """A policy with its time and its events."""

    def __init__(self, give_up_after: float | None = None) -> None:
        self.policy = Policy(lambda: 0.5, give_up_after)
        self.now = 1000.0
        self.events: dict[str, Failures] = {}
        self.notices: list[str] = []

    def accept(self, probe: bool = False) -> Decision | None:
        decision = self.policy.event_accepted(probe, self.now)
        self.listen()
        return decision

    def answer(self, verdict: Verdict, event: str = "e", probe: bool = False, link: bool = False) -> Decision:
        failures = self.events.setdefault(event, Failures())
        decision = self.policy.answered(FailedAttempt(verdict, event, failures, probe, link, False, self.now, 1.8e9))
        self.listen()
        return decision

    def fail_in_a_row(self, last: Verdict = BUSY) -> Decision:
        for number in range(1, ROW):
            self.answer(BUSY, f"row{number}")
        return self.answer(last, "last")

    def sleep_until_the_probe(self) -> None:
        self.now = self.policy.wakes_at(self.now)
        assert self.policy.probe_due(self.now)

    def probe(self) -> Decision:
        self.sleep_until_the_probe()
        return self.policy.probe("rule", self.now)

    def listen(self) -> None:
        self.notices += [name for name, _ in self.policy.take_notices()]


def reach(state: State) -> Machine:
    """A machine in this state: throttled by a wait of 30 s, open since the key is refused."""
    machine = Machine()
    machine.accept()
    if state is State.THROTTLED:
        machine.answer(asks(30.0))
    elif state is not State.CLOSED:
        machine.answer(NO_KEY)
    if state is State.HALF_OPEN:
        machine.probe()
    assert machine.policy.state is state
    return machine


Scene = Callable[[Machine], Decision | None]


class RowTest(msgspec.Struct):
    """The test of a row: gives its input to a machine in one of its states. `to`: the next state, None if it stays."""

    scene: Scene
    to: State | None
    fate: Fate


ROW_TESTS: dict[str, RowTest] = {}
"""By the row's name."""


def row(*, fate: Fate, to: State | None = None) -> Callable[[Scene], Scene]:
    """Make a test of the row of this name."""

    def add(scene: Scene) -> Scene:
        ROW_TESTS[scene.__name__] = RowTest(scene, to, fate)
        return scene

    return add


@row(fate=Fate.SETTLE)
def accepted(machine: Machine) -> Decision | None:
    if machine.policy.state is State.CLOSED:
        assert machine.accept() is None, "nothing follows from nearly all acceptances"
    machine.answer(ALONE)
    return machine.accept()


@row(fate=Fate.SETTLE)
def refused(machine: Machine) -> Decision | None:
    return machine.answer(INVALID)


@row(fate=Fate.RESEND)
def refused_with_its_link(machine: Machine) -> Decision | None:
    return machine.answer(INVALID, link=True)


@row(fate=Fate.RETRY)
def failed(machine: Machine) -> Decision | None:
    decision = machine.answer(ALONE)
    assert decision.delay == 0.25
    assert machine.answer(ALONE).delay == 0.5, "exponential backoff"
    return decision


@row(to=State.THROTTLED, fate=Fate.RETRY)
def asks_for_time(machine: Machine) -> Decision | None:
    decision = machine.answer(asks(20.0))
    assert machine.policy.wait.left(machine.now) == 20
    assert decision.delay == 20.25
    assert machine.policy.wakes_at(machine.now) == machine.now + 20
    return decision


@row(fate=Fate.RETRY)
def asks_for_time_again(machine: Machine) -> Decision | None:
    machine.answer(asks(40.0))
    decision = machine.answer(asks(10.0))
    assert machine.policy.wait.left(machine.now) == 40, "the longest counts"
    return decision


@row(to=State.CLOSED, fate=Fate.NONE)
def wait_is_over(machine: Machine) -> Decision | None:
    machine.now += 29.9
    assert machine.policy.tick(machine.now) is None
    machine.now = machine.policy.wakes_at(machine.now)
    decision = machine.policy.tick(machine.now)
    assert machine.policy.wait.until == 0
    return decision


@row(to=State.OPEN, fate=Fate.HOLD)
def asks_for_hours(machine: Machine) -> Decision | None:
    decision = machine.answer(asks(7200.0))
    assert machine.policy.cause == "wait"
    assert machine.policy.wakes_at(machine.now) == machine.now + PROBE_SECONDS
    assert machine.policy.reason == asks(7200.0)
    assert machine.notices[-1] == "delivery_waits_long"
    return decision


@row(to=State.OPEN, fate=Fate.HOLD)
def outage_begins(machine: Machine) -> Decision | None:
    last = asks(20.0, BUSY.code)
    waits = machine.policy.wait.left(machine.now)
    decision = machine.fail_in_a_row(last)
    assert machine.policy.wait.left(machine.now) == max(20, waits), "the longest counts"
    assert machine.policy.outage
    assert machine.policy.reason is last
    assert machine.policy.wakes_at(machine.now) == machine.now + 20, "the first probe waits, too"
    assert machine.notices[-1] == "delivery_paused"
    return decision


@row(to=State.OPEN, fate=Fate.PUT_BACK)
def rejects_all(machine: Machine) -> Decision | None:
    before = machine.policy.wait.left(machine.now)
    refused = msgspec.structs.replace(NO_KEY, retry_after=600.0, shared=True)
    decision = machine.answer(refused)
    assert machine.policy.reason is refused
    assert machine.policy.wait.left(machine.now) == before, "a wait that such a response requests doesn't count"
    assert machine.policy.cause == NO_KEY.code
    assert machine.policy.wakes_at(machine.now) == machine.now + 60, "only the first probe waits, for a minute at most"
    assert machine.notices[-1] == "delivery_paused"
    return decision


@row(fate=Fate.HOLD)
def asks_for_hours_while_open(machine: Machine) -> Decision | None:
    decision = machine.answer(asks(7200.0))
    assert machine.policy.cause == NO_KEY.code, "the reason stays"
    assert machine.policy.holding
    return decision


@row(fate=Fate.HOLD)
def outage_goes_on(machine: Machine) -> Decision | None:
    machine.answer(asks(40.0))
    decision = machine.fail_in_a_row(asks(20.0, BUSY.code))
    assert machine.policy.wait.left(machine.now) == 40, "the longest counts"
    machine.answer(asks(60.0, BUSY.code))
    assert machine.policy.wait.left(machine.now) == 60
    assert machine.policy.cause == NO_KEY.code, "the reason stays"
    assert machine.policy.holding
    return decision


@row(fate=Fate.PUT_BACK)
def rejects_all_while_open(machine: Machine) -> Decision | None:
    wakes_at = machine.policy.wakes_at(machine.now)
    machine.now += 0.5
    refused = msgspec.structs.replace(WRONG_ADDRESS, retry_after=600.0, shared=True)
    decision = machine.answer(refused)
    assert machine.policy.reason is refused
    assert machine.policy.wait.left(machine.now) == 0, "a wait that such a response requests doesn't count"
    assert machine.policy.wakes_at(machine.now) == wakes_at, "the next probe comes when it would have come"
    return decision


@row(to=State.CLOSED, fate=Fate.SETTLE)
def accepted_while_open(machine: Machine) -> Decision | None:
    decision = machine.accept()
    assert machine.notices[-1] == "delivery_resumed"
    return decision


@row(fate=Fate.SETTLE)
def accepted_from_before_the_wait(machine: Machine) -> Decision | None:
    machine.answer(asks(7200.0))
    return machine.accept()


@row(to=State.HALF_OPEN, fate=Fate.PROBE)
def probe_goes_out(machine: Machine) -> Decision | None:
    decision = machine.probe()
    assert machine.policy.probes == 1
    assert machine.policy.probed_rules == {"rule"}
    assert not machine.policy.probe_due(machine.now + 1e6), "one probe at a time"
    return decision


@row(fate=Fate.NONE)
def probe_has_to_wait(machine: Machine) -> Decision | None:
    machine.sleep_until_the_probe()
    decision = machine.policy.probe(None, machine.now)
    assert machine.policy.wakes_at(machine.now) == machine.now + 1
    machine.answer(asks(50.0))
    machine.sleep_until_the_probe()
    machine.policy.probe(None, machine.now)
    assert machine.policy.wakes_at(machine.now) == machine.now + 49, "when the requested wait is over"
    return decision


@row(to=State.CLOSED, fate=Fate.SETTLE)
def probe_is_accepted(machine: Machine) -> Decision | None:
    decision = machine.accept(probe=True)
    assert machine.policy.probed_rules == set()
    return decision


@row(to=State.CLOSED, fate=Fate.SETTLE)
def probe_is_refused(machine: Machine) -> Decision | None:
    return machine.answer(INVALID, probe=True)


@row(to=State.CLOSED, fate=Fate.RESEND)
def probe_is_refused_with_its_link(machine: Machine) -> Decision | None:
    return machine.answer(INVALID, probe=True, link=True)


@row(fate=Fate.PROBE_AGAIN)
def first_probe_is_refused_with_its_link(machine: Machine) -> Decision | None:
    return machine.answer(WRONG_ADDRESS, probe=True, link=True)


@row(to=State.OPEN, fate=Fate.PUT_BACK)
def probe_fails(machine: Machine) -> Decision | None:
    machine.answer(asks(7200.0))
    machine.now += 100
    decision = machine.answer(BUSY, probe=True)
    assert machine.policy.wakes_at(machine.now) == machine.now + PROBE_AFTER[1], "less and less often"
    assert machine.policy.wait.before_probe(machine.now) == PROBE_SECONDS, "a long wait goes on"
    assert machine.policy.reason is NO_KEY
    return decision


@row(to=State.OPEN, fate=Fate.PUT_BACK)
def probe_asks_for_time(machine: Machine) -> Decision | None:
    machine.answer(asks(500.0))
    decision = machine.answer(asks(20.0), probe=True)
    assert machine.policy.wait.left(machine.now) == 20, "what a probe is told replaces what was said before"
    assert machine.policy.reason is NO_KEY
    return decision


@row(to=State.OPEN, fate=Fate.PUT_BACK)
def probe_is_rejected(machine: Machine) -> Decision | None:
    machine.answer(asks(7200.0))
    machine.now += 100
    decision = machine.answer(WRONG_ADDRESS, probe=True)
    assert machine.policy.wait.before_probe(machine.now) == PROBE_SECONDS, "a long wait goes on"
    assert machine.policy.reason is WRONG_ADDRESS
    return decision


@pytest.mark.parametrize(
    ("given_row", "state"),
    [pytest.param(row, state, id=f"{row.name}-{state}") for row in TABLE for state in row.states],
)
def test_a_row_of_the_table(given_row: Row, state: State) -> None:
    machine, test = reach(state), ROW_TESTS[given_row.name]
    reason = machine.policy.reason
    decision = test.scene(machine)
    assert decision is not None
    assert decision.row.name == given_row.name
    assert decision.fate is test.fate
    assert machine.policy.state is (test.to or state)
    if (test.to or state) is State.CLOSED:
        assert machine.policy.reason is None
    elif test.to is None and given_row.name != "rejects_all_while_open":
        assert machine.policy.reason is reason, "the reason stays"


def test_each_row_has_a_test_and_each_test_a_row() -> None:
    assert list(ROW_TESTS) == [each.name for each in TABLE]


def test_each_input_has_one_row_in_each_state_in_which_it_comes() -> None:
    answers = {*Input} - {Input.ACCEPTED_BEFORE, Input.LINK_DOUBTED, Input.WAIT_OVER, Input.PROBE_DUE, Input.NO_PROBE}
    wanted = [(state, each) for state in State for each in answers]
    wanted += [(State.OPEN, each) for each in (Input.ACCEPTED_BEFORE, Input.PROBE_DUE, Input.NO_PROBE)]
    wanted += [(State.THROTTLED, Input.WAIT_OVER), (State.HALF_OPEN, Input.LINK_DOUBTED)]
    rows = [(state, each) for row in TABLE for state in row.states for each in row.inputs]
    assert sorted(rows) == sorted(wanted)


# --- what the rows do not say -------------------------------------------------------------------------------------


def test_an_outage_releases_what_it_held_and_begins_with_few_requests() -> None:
    machine = reach(State.CLOSED)
    machine.fail_in_a_row()
    assert machine.policy.wakes_at(machine.now) == machine.now + PROBE_AFTER[0]
    assert machine.answer(ALONE, "other").fate is Fate.HOLD, "any failure while it lasts"
    machine.probe()
    assert machine.answer(BUSY, probe=True).fate is Fate.HOLD, "a probe that fails in an outage isn't the first again"
    machine.probe()
    decision = machine.accept(probe=True)
    assert decision is not None
    assert (decision.release, decision.slow_start) == (True, True)


def test_a_refused_key_releases_nothing_and_needs_no_slow_start() -> None:
    decision = reach(State.HALF_OPEN).accept(probe=True)
    assert decision is not None
    assert (decision.release, decision.slow_start) == (False, False)


def test_a_delivery_that_is_closed_again_is_throttled_while_a_wait_runs() -> None:
    machine = reach(State.OPEN)
    machine.answer(asks(60.0))
    machine.accept()
    assert machine.policy.state is State.THROTTLED
    assert machine.policy.wakes_at(machine.now) == machine.now + 60


def test_an_accepted_probe_ends_a_wait_of_hours() -> None:
    machine = reach(State.CLOSED)
    machine.answer(asks(7200.0))
    machine.probe()
    decision = machine.accept(probe=True)
    assert decision is not None
    assert decision.slow_start
    assert machine.policy.wait.left(machine.now) == 0
    assert machine.notices == ["delivery_waits_long", "delivery_wait_over"]


def test_a_response_to_another_event_than_the_probe_counts_as_while_open() -> None:
    machine = reach(State.HALF_OPEN)
    assert machine.answer(ALONE).row.name == "failed"
    assert machine.answer(NO_KEY).row.name == "rejects_all_while_open"
    assert machine.policy.state is State.HALF_OPEN
    decision = machine.accept()
    assert decision is not None
    assert decision.row.name == "accepted_while_open"
    late = machine.accept(probe=True)
    assert late is None, "the pause is over, so it is no probe any more"


def test_an_event_that_paused_the_delivery_before_others_were_accepted_is_rejected_alone() -> None:
    machine = reach(State.CLOSED)
    machine.answer(WRONG_ADDRESS, "bad")
    machine.accept()
    assert machine.answer(WRONG_ADDRESS, "bad").row.name == "failed"
    assert machine.answer(WRONG_ADDRESS, "another").row.name == "rejects_all"


def test_twenty_answers_that_are_not_the_services_pause_the_delivery() -> None:
    machine = reach(State.CLOSED)
    rows = [machine.answer(STRANGER, f"e{number}").row.name for number in range(SUSPICIOUS_ANSWERS)]
    assert rows == ["failed"] * (SUSPICIOUS_ANSWERS - 1) + ["rejects_all"]


@pytest.mark.parametrize(("others", "fate"), [(True, Fate.GIVE_UP), (False, Fate.RETRY)])
def test_an_event_is_given_up_only_if_others_are_accepted_meanwhile(others: bool, fate: Fate) -> None:
    machine = Machine(give_up_after=60.0)
    assert machine.answer(ALONE).fate is Fate.RETRY
    machine.now += 61
    if others:
        machine.accept()
    assert machine.answer(ALONE).fate is fate


def test_a_429_without_a_time_throttles_for_the_backoff() -> None:
    machine = reach(State.CLOSED)
    machine.answer(msgspec.structs.replace(asks(0.0), retry_after=None))
    assert machine.policy.wait.left(machine.now) == 0.25


def test_failures_of_a_minute_are_told_once_and_so_is_their_end() -> None:
    machine = reach(State.CLOSED)
    for _ in range(5):
        machine.answer(ALONE)
        machine.now += FAILING_SECONDS
    assert machine.policy.failing_for(machine.now) == 5 * FAILING_SECONDS
    machine.accept()
    assert machine.policy.failing_for(machine.now) == 0
    assert machine.notices == ["delivery_failing", "delivery_working"]


STEPS = st.lists(
    st.one_of(
        st.floats(0.0, 4000.0),
        st.tuples(
            st.sampled_from(
                [
                    None,
                    BUSY,
                    ALONE,
                    INVALID,
                    NO_KEY,
                    WRONG_ADDRESS,
                    STRANGER,
                    asks(5),
                    asks(7200),
                    asks(9, "status-503"),
                ]
            ),
            st.integers(0, EVENTS + 2),
            st.booleans(),
            st.booleans(),
        ),
    ),
    max_size=120,
)


@given(STEPS)
def test_whatever_comes_the_state_agrees_with_its_reason(
    steps: list[float | tuple[Verdict | None, int, bool, bool]],
) -> None:
    machine = Machine(give_up_after=100.0)
    policy = machine.policy
    for step in steps:
        if isinstance(step, float):
            machine.now += step
            policy.tick(machine.now)
            if policy.probe_due(machine.now):
                policy.probe(None if policy.wait.before_probe(machine.now) else "rule", machine.now)
        else:
            verdict, number, probe, link = step
            probe = probe and policy.state is State.HALF_OPEN
            if verdict is None:
                machine.accept(probe)
            else:
                decision = machine.answer(verdict, f"e{number}", probe, link and verdict.action != "retry")
                assert decision.row.wish is not Wish.REPLACE or probe
                assert decision.fate is not Fate.HOLD or policy.holding
        assert (policy.state in (State.OPEN, State.HALF_OPEN)) == (policy.reason is not None) == bool(policy.cause)
        assert (policy.state is State.THROTTLED) == (policy.reason is None and policy.wait.until > 0)
        assert not (policy.wait.probed or policy.holding) or policy.reason is not None
        if policy.state in (State.THROTTLED, State.OPEN):
            due = policy.probe_due(machine.now) or not policy.wait.left(machine.now)
            assert due or policy.wakes_at(machine.now) < machine.now + 4000, "time alone brings it on"


def test_the_first_probe_of_a_refused_key_comes_soon() -> None:
    machine = reach(State.CLOSED)
    machine.answer(NO_KEY)
    assert machine.policy.wakes_at(machine.now) == machine.now + PROBE_AFTER[0]

"""Messages wait for the reader of conversations in their order, and not without end."""

from __future__ import annotations

import pytest

from greenflash_kafka.backfill.ordered_outcomes import OrderedOutcomes
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.outcome import FILTERED, Outcome
from tests.simulation.world import VirtualClock


class StepReader:
    """`ports.ConversationReader` that reads a second of the log each turn, up to an end."""

    def __init__(self, end: int) -> None:
        self.read = 0
        self.end = end
        self.stalled = ""
        self.reports = 0

    def turn(self) -> None:
        self.read = min(self.end, self.read + 1_000)

    @property
    def wait(self) -> float:
        return 0.0 if self.read < self.end else 0.5

    def progress(self, oldest: int, furthest: int) -> None:
        pass

    def report(self) -> None:
        self.reports += 1

    def close(self) -> None:
        pass


def _message(offset: int, ms: int) -> Message:
    return Message("orders", 0, offset, ms, None, b"{}")


def _outcomes(reader: StepReader, clock: VirtualClock) -> OrderedOutcomes:
    def outcome(message: Message) -> Outcome | NotYet:
        return FILTERED if message.timestamp_ms <= reader.read else NotYet(("horizon", ("chat",), message.timestamp_ms))

    return OrderedOutcomes(outcome, clock, reader, patience=20.0)


def test_they_come_in_their_order_each_once_its_conversations_are_read() -> None:
    reader, clock = StepReader(10_000), VirtualClock()
    outcomes = _outcomes(reader, clock)
    outcomes.add([_message(0, 500), _message(1, 3_500), _message(2, 100)])
    came: list[tuple[int, int]] = []
    while outcomes.waits:
        outcomes.turn()
        came += [(message.offset, reader.read) for message, _ in outcomes.ready()]
        assert outcomes.stuck() == ""
    assert came == [(0, 1_000), (1, 4_000), (2, 4_000)]


@pytest.mark.parametrize("stalled", ["", "chats/0 can't be read"])
def test_it_is_said_when_nothing_more_will_be_read(stalled: str) -> None:
    reader, clock = StepReader(2_000), VirtualClock()
    outcomes = _outcomes(reader, clock)
    outcomes.add([_message(0, 5_000)])
    for _ in range(3):
        outcomes.turn()
        assert not list(outcomes.ready())
    begin = clock.monotonic()
    reader.stalled = stalled
    while not (why := outcomes.stuck()):
        assert not list(outcomes.ready())
    assert "the conversations chat say up to" in why
    assert why.endswith(stalled)
    assert clock.monotonic() - begin <= (1.0 if stalled else 21.0)

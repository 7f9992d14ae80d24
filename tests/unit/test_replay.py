"""A letter whose schema isn't known yet stays in hand, and is neither passed nor one that stays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.dlq.letter_record import DeadLetterOrigin, encode
from greenflash_kafka.dlq.progress import Progress
from greenflash_kafka.dlq.topic import StoredDeadLetter
from greenflash_kafka.letter_judge import Judge
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter
from greenflash_kafka.replay import WAITING_SECONDS, Replay
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.decoders import UnknownSchemas, by_header
from tests.simulation.world import VirtualClock
from tests.unit.test_pipeline import RULES


class Letters:
    """`replay.Letters` over a list; `turn` is called each time some are asked for."""

    def __init__(self, clock: VirtualClock, *schemas: str) -> None:
        self._clock = clock
        self._left = [self._stored(number, schema) for number, schema in enumerate(schemas)]
        self.done = False

    def take(self, limit: int, timeout: float) -> list[StoredDeadLetter]:
        found, self._left = self._left[:limit], self._left[limit:]
        self.done = not self._left
        if not found:
            self._clock.sleep(timeout)
        return found

    def commit(self, progress: Mapping[int, Progress]) -> None:  # noqa: ARG002
        raise AssertionError("nothing is committed without a dispatcher")

    @staticmethod
    def _stored(number: int, schema: str) -> StoredDeadLetter:
        value = b'{"type": "paid", "id": "o%d", "amount": 1, "currency": "EUR"}' % number
        headers = (("schema", schema.encode()),) if schema else ()
        message = Message("orders", 0, number, 1_795_000_000_000, None, value, headers)
        record = encode(DeadLetter(message, "bad-payload", "no such schema"), DeadLetterOrigin())
        return StoredDeadLetter("dead", 0, number, 1_795_000_000_000, record.key, record.value, record.headers)


@pytest.fixture
def decoders() -> UnknownSchemas:
    return UnknownSchemas(by_header)


@pytest.fixture
def make(tmp_path: Path, decoders: UnknownSchemas) -> Callable[..., Replay]:
    (tmp_path / "m.yaml").write_text(RULES)
    ruleset = load([tmp_path / "m.yaml"], {}).ruleset
    assert ruleset is not None
    snapshot = Snapshot(ruleset, decoders=decoders)

    def made(clock: VirtualClock, *schemas: str) -> Replay:
        judge = Judge(snapshot, lambda _: None)
        return Replay(Letters(clock, *schemas), judge, {0: Progress(0)}, clock, Deadlines(clock), None)

    return made


def test_a_letter_passes_once_its_schema_is_known(make: Callable[..., Replay], decoders: UnknownSchemas) -> None:
    class Clock(VirtualClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.time > 1010:
                decoders.there.add(("schema", "7"))

    report = make(Clock(), "7", "", "7").run()
    assert (report.dead_letters, report.passed, report.events, report.unanswered) == (3, 3, 3, 0)
    assert not report.staying
    assert not report.stopped_by


def test_a_schema_that_does_not_come_ends_the_replay_and_the_letter_is_tried_again_by_the_next(
    make: Callable[..., Replay],
) -> None:
    clock = VirtualClock()
    report = make(clock, "7", "").run()
    assert (report.dead_letters, report.passed, report.unanswered) == (2, 1, 1)
    assert not report.staying
    assert report.stopped_by == "schema 7 isn't known yet"
    assert WAITING_SECONDS <= clock.time - 1000.0 < WAITING_SECONDS + 2


def test_letters_that_wait_are_bounded(make: Callable[..., Replay], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greenflash_kafka.replay.MAX_WAITING_BYTES", 5_000)
    monkeypatch.setattr("greenflash_kafka.replay.BATCH", 2)
    report = make(VirtualClock(), *["7"] * 100).run()
    assert report.dead_letters <= 10
    assert report.unanswered == report.dead_letters

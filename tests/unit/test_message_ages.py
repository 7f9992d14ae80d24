"""`source.max_age`: what is too old when it is read is filtered and counted; what waits doesn't grow too old."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import NO_TIMESTAMP, Message
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.waiting_messages import Patience
from tests.fakes.decoders import UnknownSchemas, by_header
from tests.unit.test_pipeline import P0, RULES, World

AGED = RULES.replace("{topics: [orders]}", "{topics: [orders], max_age: 7d}")
DAY = 86_400_000


def _appended(world: World, number: int, age: float, **record: object) -> Message:
    """An order whose timestamp is `age` days before the present."""
    world.order(number)
    log = world.source._log[P0]
    stamp = int(world.clock.now() * 1000 - age * DAY)
    log[-1] = msgspec.structs.replace(log[-1], **{"timestamp_ms": stamp, **record})
    return log[-1]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, rules=AGED)


def test_older_messages_are_filtered_counted_committed_and_said_once(world: World) -> None:
    for number, age in enumerate([30, 8, 6.9, 0, -1, 7.1]):
        _appended(world, number, age)
    world.run(5)
    assert world.pipeline.totals.events == world.dispatcher.accepted == 3
    assert world.pipeline.totals.filtered == 3
    assert world.notices.counts["messages_skipped", ("too-old",)] == 3
    assert [facts["example"] for name, facts in world.notices.seen if name == "messages_too_old"] == ["orders/0/0"]
    assert world.source.group[P0] == 6


def test_a_message_without_a_timestamp_has_no_age(world: World) -> None:
    _appended(world, 0, 0, timestamp_ms=NO_TIMESTAMP)
    _appended(world, 1, 0, timestamp_ms=0, timestamp_type="none")
    world.run(5)
    assert world.dispatcher.accepted == 2


def test_a_message_that_waits_does_not_grow_too_old(tmp_path: Path) -> None:
    decoders = UnknownSchemas(by_header)
    world = World(tmp_path, rules=AGED, decoders=decoders)
    _appended(world, 0, 6.5, headers=(("schema", b"7"),))
    world.run(1)
    world.clock.sleep(2 * DAY / 1000)
    _appended(world, 1, 6.5)
    _appended(world, 2, 7.5)
    world.run(1)
    assert world.dispatcher.accepted == 0
    decoders.there.add(("schema", "7"))
    world.run(5)
    assert world.dispatcher.accepted == 2, "the first was young when it was read, the last was not"
    assert world.notices.counts["messages_skipped", ("too-old",)] == 1


def test_what_is_put_back_is_judged_by_its_first_reading(tmp_path: Path) -> None:
    decoders = UnknownSchemas(by_header)
    world = World(tmp_path, rules=AGED, decoders=decoders, patience=Patience(max_waiting_bytes=2000))
    for number in range(20):
        _appended(world, number, 6.5, headers=(("schema", b"7"),) if number == 0 else ())
    world.run(1)
    assert world.source.paused == {P0}, "the fourth was put back"
    world.clock.sleep(2 * DAY / 1000)
    decoders.there.add(("schema", "7"))
    world.run(5)
    assert (world.dispatcher.accepted, world.pipeline.totals.filtered) == (4, 16)


def test_without_it_any_age_is_taken(tmp_path: Path) -> None:
    world = World(tmp_path)
    _appended(world, 0, 3000)
    world.run(5)
    assert world.dispatcher.accepted == 1


def test_evaluation_itself_knows_no_age(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(AGED)
    ruleset = load([tmp_path], {}).ruleset
    assert ruleset is not None
    value = b'{"type": "paid", "id": "o1", "amount": 1, "currency": "EUR"}'
    outcome = evaluate(Message("orders", 0, 0, 1, None, value), Snapshot(ruleset))
    assert type(outcome.events[0]) is Event  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("other", "found"), [("max_age: 7d", []), ("", []), ("max_age: 168h", []), ("max_age: 8d", ["mixed-source"])]
)
def test_files_that_read_one_topic_agree(tmp_path: Path, other: str, found: list[str]) -> None:
    (tmp_path / "a.yaml").write_text(AGED)
    second = RULES.replace("{topics: [orders]}", f"{{topics: [orders], {other}}}").replace("paid", "sold")
    (tmp_path / "b.yaml").write_text(second)
    loaded = load([tmp_path], {})
    assert [each.code for each in loaded.findings if each.severity == "error"] == found
    if found:
        assert any("max_age: 7d" in each.message + each.hint for each in loaded.findings)
    else:
        assert loaded.ruleset is not None
        assert loaded.ruleset.format_of("orders").max_age == 7 * DAY


@pytest.mark.parametrize("given", ["7", "30s", "0d", "4000d", "= payload.age"])
def test_an_age_that_can_not_be_meant_is_refused(tmp_path: Path, given: str) -> None:
    (tmp_path / "a.yaml").write_text(AGED.replace("7d", f'"{given}"'))
    assert [each.code for each in load([tmp_path], {}).findings] == ["bad-duration"]

"""The times at which a run that may end asks the broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.app.idle import TRANSACTION_SECONDS, IdleWatch
from greenflash_kafka.model.open_transaction import OpenTransaction
from tests.fakes.schemas import KnownSchemas
from tests.unit.test_pipeline import FRAMED, P0, P1, World


def test_the_broker_is_not_asked_while_messages_come_and_is_once_they_dont(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    asked: list[float] = []
    ends = world.source.ends

    def counted(seconds: float = 60.0) -> object:
        asked.append(world.clock.time)
        return ends(seconds)

    monkeypatch.setattr(world.source, "ends", counted)
    monkeypatch.setattr(world.source, "lag", dict)
    world.order(0, partition=1)
    for number in range(100):
        world.order(number)
        world.run(0.1)
        assert not watch.idle()
    assert asked == []
    until = world.clock.time + 5
    while not watch.idle():
        assert world.clock.time < until
        world.run(0.1)
    assert asked


def until_over(world: World, watch: IdleWatch, seconds: float) -> float:
    """Run until the watch says that it is over; how long that took."""
    began = world.clock.time
    while not watch.status().over:
        assert world.clock.time < began + seconds
        world.run(0.1)
    return world.clock.time - began


def test_an_open_transaction_is_never_idle_and_ends_the_run_as_stuck(tmp_path: Path) -> None:
    world = World(tmp_path)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    world.order(0)
    world.source.transactions["orders", 0] = OpenTransaction(1, 106)
    assert until_over(world, watch, 30) > TRANSACTION_SECONDS
    status = watch.status()
    assert not status.idle
    (said,) = status.blocked_by
    assert said.startswith("orders/0: 105 record(s) from offset 1 on wait behind an open transaction")
    assert "abort --topic orders --partition 0 --start-offset 1" in said


def test_transactions_that_end_are_waited_for_one_after_another(tmp_path: Path) -> None:
    world = World(tmp_path)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    world.order(0, partition=1)
    world.order(0)
    for stable in range(1, 6):
        world.source.transactions["orders", 0] = OpenTransaction(stable, stable + 1)
        until = world.clock.time + 6
        while world.clock.time < until:
            world.run(0.1)
            assert not watch.status().over, "6 s are no standstill"
        world.order(stable)
    del world.source.transactions["orders", 0]
    until_over(world, watch, 10)
    assert watch.status().idle


def test_a_topic_that_does_not_exist_is_stuck_once_the_others_are_done(tmp_path: Path) -> None:
    world = World(tmp_path)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    world.source.missing = ("returns",)
    world.order(0, partition=1)
    for number in range(50):
        world.order(number)
        world.run(0.1)
        assert not watch.status().over
    until = world.clock.time + 10
    while not watch.status().over:
        assert world.clock.time < until
        world.run(0.1)
    status = watch.status()
    assert status.blocked_by == ("topic returns doesn't exist (or this user may not describe it)",)
    assert not status.idle
    assert world.source.group[P0] == 50


def test_without_any_topic_it_does_not_wait_for_a_group(tmp_path: Path) -> None:
    world = World(tmp_path)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    world.source.rebalance(revoke=[P0, P1])
    world.source.missing = ("orders", "/shop[.].*/")
    until = world.clock.time + 3
    while not watch.status().over:
        assert world.clock.time < until
        world.run(0.1)
    assert watch.status().blocked_by[1].startswith("no topic matches /shop[.].*/")


def test_a_partition_that_waits_for_commits_is_not_stuck(tmp_path: Path) -> None:
    world = World(tmp_path, max_uncommitted=10)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    world.order(1000, partition=1)
    world.run(2)
    world.source.silent = True
    for number in range(100):
        world.order(number)
    until = world.clock.time + 20
    while world.clock.time < until:
        world.run(0.1)
        assert not watch.status().over, "a rebalance takes its time"
    assert "partition_held" in world.notices.names
    world.source.silent = False
    until_over(world, watch, 10)
    assert watch.status().idle


def test_a_run_is_stuck_behind_a_registry_that_was_reported(tmp_path: Path) -> None:
    schemas = KnownSchemas({})
    world = World(tmp_path, decoders=None, schemas=schemas)
    watch = IdleWatch(world.pipeline, world.source, world.dispatcher, world.clock, 1.0)
    world.source.append("orders", FRAMED % 1)
    world.run(5)
    assert not watch.status().over
    schemas.stalled = "https://registry: it fails (503)"
    assert until_over(world, watch, 10) < 5
    assert watch.status().blocked_by == ("messages wait for a schema: https://registry: it fails (503)",)

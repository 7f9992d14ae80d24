"""Rows that are read at once from whole logs: those of the oracle, and of a run's reader where compaction took some."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import structs

from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.linking.past_rows import PastRows, PastRowsWriter
from greenflash_kafka.linking.source_horizons import FUTURE_MS
from tests.oracle.conversations import row_as_of
from tests.simulation.world import VirtualClock
from tests.unit.linking.cut import EPOCH
from tests.unit.linking.test_logged_tables import SOURCE, SPAN, Process, World


def _past_rows(world: World, path: Path, read_ms: int, *, forgets: bool = True) -> PastRows:
    clock = VirtualClock()
    writer = PastRowsWriter(path, [world.table], world.rows, b"key", clock, Quiet(), lambda _: forgets, {})
    left = [[each.message for each in log.entries if each.message is not None] for log in world.partitions.values()]
    while any(left):
        # Partitions in any order, each in its own.
        log = world.rnd.choice([each for each in left if each])
        portion = world.rnd.randrange(1, 9)
        writer.add(log[:portion])
        del log[:portion]
    writer.close()
    return PastRows(path, [world.table], b"key", read_ms, clock)


def _found(rows: PastRows, world: World) -> list[str | None]:
    found = (rows.row(SOURCE, key, at) for at, key in world.asked)
    return [None if row is None else f'["{row["user"]}"]' for row in found]


@pytest.mark.parametrize("seed", range(4))
def test_every_row_is_the_oracles(tmp_path: Path, seed: int) -> None:
    world = World(seed, compacted=False)
    one = _past_rows(world, tmp_path / "rows.sqlite", EPOCH + SPAN)
    # A second process reads the same file at the same time.
    other = PastRows(tmp_path / "rows.sqlite", [world.table], b"key", EPOCH + SPAN, VirtualClock())
    truth = [row_as_of(world.logs, key, at + world.table.max_delay_ms) for at, key in world.asked]
    assert _found(one, world) == truth == _found(other, world)


@pytest.mark.parametrize("seed", range(3))
def test_of_a_compacted_log_it_finds_what_a_run_finds(tmp_path: Path, seed: int) -> None:
    world = World(seed, compacted=True)
    process = Process(world)
    process.clock.wall = EPOCH + 2 * SPAN
    assert _found(_past_rows(world, tmp_path / "rows.sqlite", EPOCH + 2 * SPAN), world) == process.run()


def test_a_message_that_is_stamped_in_the_future_finds_no_row(tmp_path: Path) -> None:
    world, now = World(1, compacted=False), EPOCH + SPAN
    found = _past_rows(world, tmp_path / "rows.sqlite", now)
    keys = {each.key for log in world.logs for each in log}
    assert any(found.row(SOURCE, key, now + FUTURE_MS) for key in keys)
    assert not any(found.row(SOURCE, key, now + FUTURE_MS + 1) for key in keys)


@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_is_compacted_a_gap_is_a_transactions(tmp_path: Path, seed: int) -> None:
    world = World(seed, compacted=True)
    logs = [
        [version for version, entry in zip(log, partition.entries, strict=True) if entry.message is not None]
        for log, partition in zip(world.logs, world.partitions.values(), strict=True)
    ]
    truth = [row_as_of(logs, key, at + world.table.max_delay_ms) for at, key in world.asked]
    known = _past_rows(world, tmp_path / "kept.sqlite", EPOCH + SPAN, forgets=False)
    unknown = _past_rows(world, tmp_path / "forgotten.sqlite", EPOCH + SPAN)
    assert _found(known, world) == truth != _found(unknown, world)


def test_portions_may_come_from_the_end_to_the_beginning(tmp_path: Path) -> None:
    world = World(2, compacted=False)
    logs = [[each.message for each in log.entries if each.message is not None] for log in world.partitions.values()]

    def found(name: str, *, latest_first: bool) -> list[str | None]:
        clock = VirtualClock()
        begins: dict[tuple[str, int], int] = {}
        path = tmp_path / name
        writer = PastRowsWriter(path, [world.table], world.rows, b"key", clock, Quiet(), lambda _: False, begins)
        for log in logs:
            # In portions whose stamps don't go back over an edge, each version counts from the same time on.
            stamped = sorted(log, key=lambda each: each.timestamp_ms)
            log = [structs.replace(each, offset=number) for number, each in enumerate(stamped)]
            portions = [log[at : at + 7] for at in range(0, len(log), 7)]
            for portion in reversed(portions) if latest_first else portions:
                writer.add(portion)
        writer.close()
        return _found(PastRows(path, [world.table], b"key", EPOCH + SPAN, clock), world)

    assert found("ends.sqlite", latest_first=True) == found("begins.sqlite", latest_first=False)


@pytest.mark.parametrize(("begin", "forgets", "found"), [(0, False, False), (0, True, True), (5, False, True)])
def test_what_was_before_the_first_record_that_was_read_may_have_been_deleted(
    tmp_path: Path, begin: int, forgets: bool, found: bool
) -> None:
    world = World(1, compacted=False)
    ((topic, partition), log), *_ = world.partitions.items()
    messages = [each.message for each in log.entries if each.message is not None]
    last = structs.replace(messages[-1], offset=max(5, messages[-1].offset))
    clock, begins = VirtualClock(), {(topic, partition): begin}
    path = tmp_path / "rows.sqlite"
    writer = PastRowsWriter(path, [world.table], world.rows, b"key", clock, Quiet(), lambda _: forgets, begins)
    writer.add([last])
    writer.close()
    rows = PastRows(path, [world.table], b"key", EPOCH + SPAN, clock)
    (row,) = world.rows(last).found
    assert (rows.row(SOURCE, row.key, last.timestamp_ms - 1_000_000) is not None) == (found and row.fields is not None)

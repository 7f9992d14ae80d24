"""Rows of tables from topics against the oracle, over processes that die, and logs that compaction thins out."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.row_table import RowTable
from greenflash_kafka.linking.table import StoredPartition
from greenflash_kafka.linking.table_reader import TableReader
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.topic_tables import TableRow, TableRows, TopicTable
from tests.fakes.conversation_log import Entry, FakeConversationLog, FakePartition
from tests.oracle.conversations import Version, row_as_of
from tests.simulation.world import Notices
from tests.unit.linking.cut import EPOCH, MARGIN, PRODUCER_DELAY, CutClock

SOURCE = "tables.customers"
SPAN = 400_000
NOTHING_READ = StoredPartition("", 0, 0, 0)


class World:
    """A table's logs and the messages that look up in it, all decided by a seed."""

    def __init__(self, seed: int, compacted: bool) -> None:
        rnd = self.rnd = random.Random(seed)
        self.table = TopicTable(SOURCE, "crm", ("user",), rnd.choice([0, 5_000, 60_000]))
        self.logs: list[list[Version]] = [[], []]
        walls: list[list[int]] = [[], []]
        sent = []
        for number in range(80):
            stamp = EPOCH + rnd.randrange(SPAN)
            stamp -= stamp % rnd.choice([1, 1_000])
            key = rnd.randrange(8)
            row = None if rnd.random() < 0.15 else f'["u{number}"]'
            sent.append((stamp + rnd.randrange(PRODUCER_DELAY), key % 2, Version(stamp, f"k{key}", row)))
        for wall, partition, version in sorted(sent):
            self.logs[partition].append(version)
            walls[partition].append(wall)
        self.asked = sorted((EPOCH + rnd.randrange(SPAN), f"k{rnd.randrange(9)}") for _ in range(60))
        self.partitions = {
            ("crm", number): FakePartition(
                [
                    Entry(wall, self._record(number, offset, compacted), wall)
                    for offset, wall in enumerate(walls[number])
                ]
            )
            for number in (0, 1)
        }

    def _record(self, number: int, offset: int, compacted: bool) -> Message | None:
        """The record; None if compaction took it, as it may with each that a later one replaces."""
        log = self.logs[number]
        replaced = any(each.key == log[offset].key for each in log[offset + 1 :])
        return (
            None
            if compacted and replaced and self.rnd.random() < 0.8
            else Message("crm", number, offset, log[offset].stamp)
        )

    def rows(self, message: Message) -> TableRows:
        version = self.logs[message.partition][message.offset]
        return TableRows((TableRow(SOURCE, version.key, version.row),))


class Process:
    """The lives of one process over a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.rnd = world.rnd
        self.clock = CutClock(world.rnd, world.rnd.randrange(-1_500, 1_500))
        self.database = RowTable()
        self.listener = Notices()
        self._start()

    def _start(self) -> None:
        world = self.world
        self.log = FakeConversationLog(world.partitions, self.rnd, 0)
        self.tables = LoggedTables([world.table], self.database, self.clock, margin=MARGIN)
        settings = ReaderSettings(
            0, MARGIN, 0, self.rnd.choice([0, 20_000]), self.rnd.choice([60_000, 3_600_000]), 5, 3, whole=True
        )
        self.reader = TableReader(
            self.log, self.database, self.tables, [world.table], lambda _: (SOURCE,), world.rows, self.clock,
            self.listener, settings, lambda _: True,
        )  # fmt: skip

    def _die(self) -> None:
        self.database.undo()
        if self.rnd.random() < 0.5:
            self.database.close()
            self.database = RowTable()
        self._start()

    def run(self) -> list[str | None]:
        """The row of each message, in order, dying now and then; what isn't committed is decided again."""
        found: list[str | None] = []
        committed = 0
        while committed < len(self.world.asked):
            self.clock.wall += self.rnd.choice([50, 400, 4_000])
            self.log.wall = self.clock.wall
            for _ in range(3):
                self.reader.turn()
            while len(found) < len(self.world.asked) and self._decided(found):
                pass
            heads = [at for at, _ in self.world.asked[len(found) :] if at <= self.clock.wall] or [self.clock.wall]
            self.reader.progress(min(heads), max(heads))
            self.reader.report()
            chance = self.rnd.random()
            if chance < 0.1 or len(found) == len(self.world.asked):
                committed = len(found)
            elif chance < 0.15:
                self._die()
                del found[committed:]
            assert self.clock.wall < EPOCH + 10 * SPAN, "it goes on"
        return found

    def _decided(self, found: list[str | None]) -> bool:
        recorded, key = self.world.asked[len(found)]
        if recorded > self.clock.wall or not self.tables.known((SOURCE,), recorded):
            return False
        row = self.tables.row(SOURCE, key, recorded)
        found.append(None if row is None else f'["{row["user"]}"]')
        return True


@pytest.mark.parametrize("seed", range(12))
def test_every_row_is_the_oracles_whatever_dies(seed: int) -> None:
    world = World(seed, compacted=False)
    truth = [row_as_of(world.logs, key, at + world.table.max_delay_ms) for at, key in world.asked]
    process = Process(world)
    assert process.run() == truth
    # What people see of it says that it is about tables.
    assert "tables_restoring" in process.listener.names
    assert not [each for each in process.listener.names if "conversation" in each]
    assert Process(world).run() == truth


@pytest.mark.parametrize("seed", range(6))
def test_compaction_costs_no_row_that_was_there(seed: int) -> None:
    world = World(seed, compacted=True)
    process = Process(world)
    # Compaction comes after what replaces a version.
    process.clock.wall = EPOCH + 2 * SPAN
    results = Counter[str]()
    for (at, key), row in zip(world.asked, process.run(), strict=True):
        horizon = at + world.table.max_delay_ms
        truth = row_as_of(world.logs, key, horizon)
        later = [each.row for log in world.logs for each in log if each.key == key]
        results["same" if row == truth else "later" if row in later or None in later else "lost"] += 1
    assert results["lost"] == 0
    assert results["same"] > 0


def test_a_table_that_cannot_be_read_is_said_to_be_one() -> None:
    process = Process(World(1, compacted=False))
    process.log.silent = True
    recorded = int(process.clock.now() * 1000) - SPAN
    for _ in range(400):
        process.clock.wall += 500
        assert not process.tables.known((SOURCE,), recorded)
        process.reader.turn()
        process.reader.report()
    assert process.reader.stalled.startswith("tables: the brokers don't answer")
    assert "tables_stalled" in process.listener.names
    assert not [each for each in process.listener.names if "conversation" in each]
    assert {metric for metric, _ in process.listener.gauges} == {"table_behind_seconds", "table_rows", "table_bytes"}


class OneByOne(FakeConversationLog):
    """Gives a record at a time."""

    def take(self, limit: int) -> list[Message]:
        del limit
        return super().take(1)


def test_who_goes_on_with_anothers_file_reads_first_what_replaces_deleted_versions() -> None:
    told = [("k0", 100), None, ("k0", 20_000), ("k1", 30_000)]
    records = [None if each is None else Message("crm", 0, at, EPOCH + each[1]) for at, each in enumerate(told)]
    log = FakePartition([Entry(EPOCH, each, EPOCH) for each in records])
    table, clock, database = TopicTable(SOURCE, "crm", ("user",), 0), CutClock(random.Random(1), 0), RowTable()

    def rows(message: Message) -> TableRows:
        key, _ = told[message.offset] or ("", 0)
        return TableRows((TableRow(SOURCE, key, '["u"]'),))

    def process() -> tuple[TableReader, LoggedTables]:
        fake = OneByOne({("crm", 0): log})
        fake.wall = clock.wall
        tables = LoggedTables([table], database, clock, margin=MARGIN)
        settings = ReaderSettings(0, MARGIN, 0, batch=1, whole=True)
        reader = TableReader(
            fake, database, tables, [table], lambda _: (SOURCE,), rows, clock, Notices(), settings, lambda _: True
        )
        return reader, tables

    clock.wall += 60_000
    asked = EPOCH + 10_000
    first, tables = process()
    while database.partitions().get(("crm", 0), NOTHING_READ).next < 3:
        assert not tables.known((SOURCE,), asked)
        first.turn()
    database.undo()
    second, tables = process()
    while not tables.known((SOURCE,), asked):
        clock.wall += 100
        second.turn()
    assert tables.row(SOURCE, "k1", asked) == {"user": "u"}

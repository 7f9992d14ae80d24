"""The table against a dictionary, and what makes it begin anew."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.linking import table as tables
from greenflash_kafka.linking.table import ActivityTable, Stored, StoredPartition, TableFailed, stored

PARTITION = StoredPartition("id", 7, 1_000, -5)
row = st.builds(
    stored,
    st.sampled_from([-5, 7]),
    st.sampled_from(["c1", "c2"]),
    st.integers(-200_000, 200_000),
    st.integers(0, 3),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(row, max_size=10), max_size=5), st.integers(-200_000, 200_000))
def test_it_is_a_dictionary_of_the_smallest(batches: list[list[Stored]], before: int) -> None:
    table = ActivityTable()
    expected: dict[tuple[int, int, str], tuple[int, int]] = {}
    for batch in batches:
        table.begin()
        table.put(sorted(batch))
        table.commit({("t", 0): PARTITION})
        for key, minute, conversation, at, logged in batch:
            place = key, minute, conversation
            expected[place] = min(expected.get(place, (logged, at)), (logged, at))
    after = table.sweep(None, 1, before)
    while after is not None:
        after = table.sweep(after, 1, before)
    kept = {place: each for place, each in expected.items() if place[1] >= before // 60_000}
    found = {
        (key, at // 60_000, conversation): (logged, at)
        for key in (-5, 7)
        for conversation, at, logged in table.newest(key, -(1 << 40), 1 << 40, 1 << 20)
    }
    assert found == kept
    table.close()


def fill(path: Path, declaration: str = "d", hash_key: bytes | None = None) -> ActivityTable:
    table = ActivityTable(path, declaration, hash_key)
    table.begin()
    table.put([stored(table.hasher("s", "user")("u"), "c", 0, 0)])
    table.commit({("t", 0): PARTITION})
    return table


def has(table: ActivityTable) -> bool:
    return bool(table.newest(table.hasher("s", "user")("u"), 0, 0, 1))


@pytest.mark.parametrize("hash_key", [None, b"k" * 100])
def test_what_was_committed_is_there_after_an_end_of_any_kind(tmp_path: Path, hash_key: bytes | None) -> None:
    path = tmp_path / "t.sqlite"
    table = fill(path, hash_key=hash_key)
    table.note("floor", 5)
    table.begin()
    table.put([stored(table.hasher("s", "user")("v"), "c", 0, 0)])
    table._db.close()  # killed in the middle of a transaction
    again = ActivityTable(path, "d", hash_key)
    assert has(again)
    assert not again.emptied
    assert again.points == 1
    assert again.noted("floor") == 5
    assert again.partitions() == {("t", 0): PARTITION}
    again.close()
    assert has(ActivityTable(path, "d", hash_key))


def test_a_table_of_other_rules_or_another_key_is_thrown_away(tmp_path: Path) -> None:
    for name in ("rules", "key", "format"):
        path = tmp_path / name
        fill(path).close()
        if name == "format":
            with sqlite3.connect(path) as raw:
                raw.execute("update meta set value = 99 where name = 'format'")
            raw.close()
        table = ActivityTable(path, "other" if name == "rules" else "d", b"key" if name == "key" else None)
        assert table.emptied
        assert not has(table)
        assert not table.partitions()


@pytest.mark.parametrize("damage", ["garbage", "torn", "foreign"])
def test_a_damaged_file_is_thrown_away(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "t.sqlite"
    if damage == "garbage":
        path.write_bytes(b"not a database " * 1000)
    elif damage == "foreign":
        with sqlite3.connect(path) as raw:
            raw.execute("create table other(x)")
        raw.close()
    else:
        table = fill(path)
        table.begin()
        table.put(sorted(stored(table.hasher("s", "user")(f"u{n}"), "c" * 50, n, n) for n in range(2_000)))
        table.commit({("t", 0): PARTITION})
        table._db.close()
        bytes_ = bytearray(path.read_bytes())
        bytes_[len(bytes_) // 2 : len(bytes_) // 2 + 8_192] = b"\xff" * 8_192
        path.write_bytes(bytes_)
    table = ActivityTable(path, "d")
    assert table.emptied
    assert not table.partitions()
    assert fill(path.with_name("other")).points == 1


def test_no_id_of_a_user_stands_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    table = ActivityTable(path, "d")
    table.begin()
    table.put([stored(table.hasher("s", "email")("ada@example.org"), "c", 0, 0)])
    table.commit({("t", 0): PARTITION})
    table.close()
    assert b"ada@" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


def test_a_file_in_use_or_without_a_folder_says_so(tmp_path: Path) -> None:
    table = fill(tmp_path / "t.sqlite")
    with pytest.raises(TableFailed, match="locked"):
        ActivityTable(tmp_path / "t.sqlite", "d")
    table.close()
    with pytest.raises(TableFailed):
        ActivityTable(tmp_path / "missing" / "t.sqlite", "d")


_WRITES_FOR_EVER = """
import random, sys
from greenflash_kafka.linking import table as tables
tables._PAGE_CACHE_KIB = 64
rows, number, made = [], 0, tables.ActivityTable(sys.argv[1], "d")
print("ready", flush=True)
while True:
    made.begin()
    for _ in range(20):
        made.put(sorted(tables.stored(random.getrandbits(63), "c" * 300, number + each, 0) for each in range(20)))
        number += 20
    made.commit({("t", 0): tables.StoredPartition("id", number, 0, 0)})
"""


@pytest.mark.parametrize("seconds", [0.05, 0.11, 0.17])
def test_a_process_killed_while_it_writes_leaves_rows_and_positions_of_one_moment(
    tmp_path: Path, seconds: float
) -> None:
    path = tmp_path / "t.sqlite"
    with subprocess.Popen([sys.executable, "-c", _WRITES_FOR_EVER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.kill()
    assert path.with_name("t.sqlite-journal").stat().st_size
    table = ActivityTable(path, "d")
    assert not table.emptied
    (count,) = table._db.execute("select count(*) from activity").fetchone()
    partitions = table.partitions()
    assert count == table.points == (partitions["t", 0].next if partitions else 0)
    table.close()


def test_a_table_that_was_not_closed_is_thrown_away_after_a_restart_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot = tmp_path / "boot"
    boot.write_text("first")
    monkeypatch.setattr(tables, "_BOOT", boot)
    closed, left = tmp_path / "closed.sqlite", tmp_path / "left.sqlite"
    fill(closed).close()
    assert not closed.with_name("closed.sqlite-journal").stat().st_size
    fill(left)._db.close()
    boot.write_text("second")
    assert has(ActivityTable(closed, "d"))
    assert ActivityTable(left, "d").emptied == "the machine was restarted before the table was closed"

"""Findings of `doctor` about look-ups in a table."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from greenflash_kafka.cli.check import Check
from greenflash_kafka.cli.table_words import look_ups_check
from greenflash_kafka.link_study.table_look_ups import TableLookUps
from tests.unit.link_study.linked_shop import PAID_BY_CUSTOMER, snapshot_of


def check(folder: Path, found: TableLookUps, keys: Collection[str] = (), *, whole: bool = True) -> Check:
    snapshot = snapshot_of(folder, PAID_BY_CUSTOMER)
    reading = snapshot.rows_by_topic["crm"]
    assert reading is not None
    (table,) = snapshot.ruleset.tables
    return look_ups_check(table, found, keys, reading[0].rules[0], whole=whole)


def test_rows_that_are_there_are_well(tmp_path: Path) -> None:
    found = check(tmp_path, TableLookUps(found=95, none=5, delays=[1000]))
    assert (found.name, found.status, found.todo) == ("table customers", "ok", "")
    assert found.said == (
        "of 100 look-ups of the latest outcomes 95 found a row, 0 have one only by now, 5 have none; 1 row came after "
        "the message: p50 1 s, p99 1 s, max 1 s; max_delay is 1 min"
    )


def test_rows_that_come_late_have_the_max_delay_that_follows(tmp_path: Path) -> None:
    found = check(tmp_path, TableLookUps(found=80, late=20, delays=[100_000] * 18 + [2 * 86_400_000] * 2))
    assert found.status == "warning"
    assert found.todo.splitlines() == [
        "rows come later than max_delay: max_delay: 2m",
        "2 rows came more than 1 h later: no max_delay waits for them",
    ]


def test_rows_that_were_deleted_and_written_again_propose_no_max_delay(tmp_path: Path) -> None:
    found = check(tmp_path, TableLookUps(found=80, late=20, again=20, delays=[2000]))
    assert (found.status, found.todo) == ("ok", "")
    assert "of those by now 20 had been deleted before the message, and were written again after it" in found.said


def test_of_a_part_of_a_table_nothing_is_concluded_but_what_joins_keys(tmp_path: Path) -> None:
    found = check(tmp_path, TableLookUps(late=20, none=80, delays=[100_000] * 20), ["4711"], whole=False)
    assert (found.status, found.todo) == ("ok", "")
    assert found.said.endswith(
        "only the newest records of its topic were read: other rows may be there (--max-seconds)"
    )
    missing = dict.fromkeys(f"CUS_{n}A" for n in range(50))
    found = check(tmp_path, TableLookUps(none=50, missing=missing), [f"cus_{n}a" for n in range(90)], whole=False)
    assert "differ by capitals" in found.todo


def test_keys_that_look_like_keys_of_rows_are_joined(tmp_path: Path) -> None:
    missing = dict.fromkeys(f"CUS_{n}A" for n in range(50))
    found = check(tmp_path, TableLookUps(none=50, missing=missing), [f"cus_{n}a" for n in range(90)])
    assert found.todo.splitlines() == [
        "keys without a row look alike and differ by capitals. Tried on these and on a sample of rows, 0 -> 50 of 50 "
        "match if you write:",
        "  around what stands in tables.customers[...]: lower(...)",
    ]
    found = check(tmp_path, TableLookUps(none=9, missing=dict.fromkeys("abcdefghi")), list("ABCDEFGHI"))
    assert found.todo.splitlines()[1:] == [f"  {tmp_path}/orders.yaml:4, in the table:", "    key: = lower(payload.id)"]


def test_keys_of_another_kind_show_their_shapes_alone(tmp_path: Path) -> None:
    found = check(tmp_path, TableLookUps(none=2, missing={"ada@x.y": None, "bo@x.y": None}), ["4711"])
    assert found.todo.splitlines()[1].startswith("  what is looked up: 6 to 7 characters, e-mail addresses")
    assert "ada" not in found.todo

"""Look-ups in tables: how many found a row, and how much later than the message the others came."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greenflash_kafka.link_study.table_look_ups import table_look_ups
from greenflash_kafka.model.message import Message
from tests.unit.link_study.linked_shop import PAID_BY_CUSTOMER, T0, records, snapshot_of

MINUTE = 60_000


class Rows:
    """`model.topic_tables.TopicTables`: when each key's row was logged (milliseconds), with `max_delay` a minute."""

    def __init__(self, logged: Mapping[str, int]) -> None:
        self._logged = logged

    def row(self, table: str, key: str, recorded: int) -> Mapping[str, Any] | None:
        assert table == "tables.customers"
        return {"user_id": f"u-{key}"} if self._logged.get(key, 1 << 60) <= recorded + MINUTE else None


def never(*_: object) -> bool:
    return False


def orders(*customers: str) -> list[Message]:
    """An order of each customer, all at T0."""
    found = records("orders", [{"type": "paid", "id": f"o{n}", "customer": key} for n, key in enumerate(customers)])
    return [msgspec.structs.replace(each, timestamp_ms=T0) for each in found]


def test_look_ups_are_counted_by_when_their_row_came(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, PAID_BY_CUSTOMER)
    logged = {"before": T0 - 5, "at": T0, "soon": T0 + 7_001, "just": T0 + MINUTE, "late": T0 + 90_001}
    rows = Rows(logged)
    snapshot = snapshot.with_context(msgspec.structs.replace(snapshot.context, tables=rows))
    (found,) = table_look_ups(orders(*logged, "never", "never"), snapshot, T0 + 10 * MINUTE, never).values()
    assert (found.count, found.found, found.late, found.none) == (7, 4, 1, 2)
    assert sorted(found.delays) == [7_001, MINUTE, 90_001]
    assert set(found.missing) == {"never"}


def test_a_row_that_was_deleted_and_written_again_is_none_that_came_late(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, PAID_BY_CUSTOMER)
    rows = Rows({"back": T0 + 90_001, "soon": T0 + 5_000, "late": T0 + 90_001})
    snapshot = snapshot.with_context(msgspec.structs.replace(snapshot.context, tables=rows))
    messages = orders("back", "soon", "late", "gone")
    (found,) = table_look_ups(messages, snapshot, T0 + 10 * MINUTE, lambda _, key, __: key != "late").values()
    assert (found.count, found.found, found.late, found.again, found.none) == (4, 1, 2, 1, 1)
    assert found.delays == [90_001]


@pytest.mark.parametrize("tables", [None, Rows({})])
def test_messages_that_look_nothing_up_count_nothing(tmp_path: Path, tables: Rows | None) -> None:
    snapshot = snapshot_of(tmp_path, PAID_BY_CUSTOMER)
    snapshot = snapshot.with_context(msgspec.structs.replace(snapshot.context, tables=tables))
    assert table_look_ups(records("orders", [{"type": "seen"}]), snapshot, T0, never) == {}

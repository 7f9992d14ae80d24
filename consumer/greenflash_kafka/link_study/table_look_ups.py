"""Look-ups of outcomes in tables from topics: how many found a row, and how much later than the message others came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.topic_tables import TopicTables
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot


class TableLookUps(msgspec.Struct):
    """The look-ups of one table, each key of a message once. `found` a row; of those that didn't, `late` ones have a
    row by now, and of those `again` a row that had been deleted before the message, and was written again after it.
    `delays`: milliseconds from the message to the row, of all other rows that came after it. `missing` are the keys
    without any row."""

    found: int = 0
    late: int = 0
    again: int = 0
    delays: list[int] = []
    missing: dict[str, None] = {}
    keys: dict[str, None] = {}
    none: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return self.found + self.late + self.none


class _Asked:
    """`model.topic_tables.TopicTables` that remembers what was asked for since `asked` was emptied."""

    def __init__(self, tables: TopicTables) -> None:
        self._tables = tables
        self.asked: dict[tuple[str, str, int], None] = {}

    def row(self, table: str, key: str, recorded: int) -> Mapping[str, Any] | None:
        """As the tables say; remembered."""
        self.asked[table, key, recorded] = None
        return self._tables.row(table, key, recorded)


def table_look_ups(
    messages: Iterable[Message], snapshot: Snapshot, read_ms: int, deleted: Callable[[str, str, int], bool]
) -> dict[str, TableLookUps]:
    """What the rules look up for these messages in the tables that the snapshot has, by the table's name. `read_ms`:
    when these were read, in milliseconds since 1970. `deleted`: whether the row of a table and key is deleted at a time
    by the log."""
    tables = snapshot.context.tables
    if tables is None:
        return {}
    delays = {each.name: each.max_delay_ms for each in snapshot.ruleset.tables}
    asked = _Asked(tables)
    outcome = Resolver(snapshot.with_context(msgspec.structs.replace(snapshot.context, tables=asked))).outcome
    found: dict[str, TableLookUps] = {}
    for message in messages:
        asked.asked.clear()
        outcome(message)
        for table, key, recorded in asked.asked:
            known = _of_key(tables, table, key)
            into = found.setdefault(table, TableLookUps())
            if deleted(table, key, recorded) and known(read_ms):
                _count_again(into, key, found=known(recorded))
            else:
                _count(into, key, recorded, delays[table], known, read_ms)
    return found


def _of_key(tables: TopicTables, table: str, key: str) -> Callable[[int], bool]:
    return lambda recorded: tables.row(table, key, recorded) is not None


def _count_again(into: TableLookUps, key: str, *, found: bool) -> None:
    """A row that was deleted before the message isn't late: it was right to find none until it was written again."""
    into.keys[key] = None
    into.found += found
    into.late += not found
    into.again += not found


def _count(into: TableLookUps, key: str, recorded: int, delay: int, known: Callable[[int], bool], read_ms: int) -> None:
    """`known`: whether a message of this time finds a row, which one logged up to `delay` after it is."""
    into.keys[key] = None
    found = known(recorded)
    if not found and not known(read_ms):
        into.none += 1
        into.missing[key] = None
        return
    if found:
        into.found += 1
        if known(recorded - delay):
            return
        low, high = recorded - delay, recorded
    else:
        into.late += 1
        low, high = recorded, read_ms
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if known(middle) else (middle, high)
    into.delays.append(high + delay - recorded)

"""The rows of tables from topics: versions by hashed key, in the same kind of database as the activities."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, ClassVar, Final

from greenflash_kafka.linking.table import BEFORE_ALL, POSITIONS, ActivityTable, failed, failing

PARTITIONS: Final = 1 << 10
"""What offsets are multiplied by, so that the partition fits behind them."""

Version = tuple[int, int, int, str | None]
"""One row: key, logged, place (offset and partition), fields."""

_LATEST: Final = "select fields from version where key = ? and logged <= ? order by logged desc, place desc limit 1"
_PUT: Final = "insert or replace into version values(?,?,?,?)"
_FIRST: Final = "select fields from version where key = ? order by logged, place limit 1"
_SWEPT: Final = "select distinct key from version where key > ? order by key limit ?"
_DELETE: Final = (
    "delete from version where key > ?1 and key <= ?2 and logged <= ?3 and exists (select 1 from version as later "
    "where later.key = version.key and later.logged <= ?3 and (later.logged, later.place) > (version.logged, "
    "version.place))"
)


class RowTable(ActivityTable):
    """Versions of rows. All methods raise TableFailed; the rest is `ActivityTable`'s."""

    layout: ClassVar[tuple[str, ...]] = (
        "create table version(key integer not null, logged integer not null, place integer not null, fields text, "
        "primary key(key, logged, place)) without rowid",
        *POSITIONS,
    )
    kept_in: ClassVar[str] = "version"
    keeps: ClassVar[str] = "rows"
    told_by: ClassVar[str] = "tables of the mapping files"

    def latest(self, key: int, horizon: int) -> tuple[bool, str | None]:
        """Whether there is a version of this key that was logged up to the horizon (milliseconds), and the fields of
        the last one; None if it is deleted."""
        try:
            found = self._cursor.execute(_LATEST, (key, horizon)).fetchone()
        except sqlite3.Error as error:
            raise failed(error) from error
        return (False, None) if found is None else (True, found[0])

    def first(self, key: int) -> str | None:
        """The fields of the earliest version there is; None if it is deleted, or there is none."""
        with failing():
            found = self._cursor.execute(_FIRST, (key,)).fetchone()
        return None if found is None else found[0]

    def _put(self, rows: Sequence[Any]) -> None:
        self._db.executemany(_PUT, rows)

    def sweep(self, after: int | None, keys: int, before: int) -> int | None:
        """Delete, of the next `keys` keys after this one, the versions that a later one replaced before that time
        (milliseconds). Returns the last key that was looked at; None once all were, to begin again."""
        with failing():
            begin = BEFORE_ALL if after is None else after
            found = self._db.execute(_SWEPT, (begin, keys)).fetchall()
            if not found:
                return None
            last = int(found[-1][0])
            deleted = self._db.execute(_DELETE, (begin, last, before)).rowcount
        self.points = self._committed = max(0, self.points - deleted)
        return last if len(found) == keys else None

    def gap(self, topic: str) -> int | None:
        """The time by the log (milliseconds) from which on versions may have been deleted, in any partition of the
        topic; None if there are all."""
        return self.noted(f"gap {topic}")

    def note_gap(self, topic: str, clock: int) -> None:
        """Keep that time, if it is the earliest."""
        known = self.gap(topic)
        if known is None or clock < known:
            self.note(f"gap {topic}", clock)


def place(offset: int, partition: int) -> int:
    """The place of a record among those of a table: by its offset, then its partition."""
    return offset * PARTITIONS + partition % PARTITIONS

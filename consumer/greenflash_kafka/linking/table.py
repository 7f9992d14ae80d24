"""The table of activities: one SQLite database, in a file or in memory. It is a cache of the logs, never repaired."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final

import msgspec

from greenflash_kafka.linking.decision import Row
from greenflash_kafka.linking.key_hash import KeyHash, fingerprint, hash_of_keys, salt
from greenflash_kafka.model.conversations import MINUTE_MS
from greenflash_kafka.model.event import encodes
from greenflash_kafka.ports import TopicPartition

FORMAT: Final = 3
"""The version of the layout; a table of another version is thrown away."""

MEMORY: Final = ":memory:"

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")

Stored = tuple[int, int, str, int, int]
"""One row: key, minute, conversation, at, logged. Sorted, rows of one page are next to each other."""

_PAGE_CACHE_KIB: Final = 8 * 1024
"""So much a transaction writes at once at most, with its commit; all before it goes to the file page by page."""

TIME_LIMIT: Final = 10**15
"""Milliseconds before and after 1970 that the table can hold."""

MAX_ID: Final = 1_000
"""Characters of a conversation's id; a longer one isn't an id."""

_SHIFT: Final = 2 * TIME_LIMIT
_DIGITS: Final = len(str(_SHIFT))
"""Shifted by so much, every time has as many digits, and (time, conversation) can be compared as one text."""

POSITIONS: Final = (
    "create table part(topic text not null, number integer not null, topic_id text not null, next integer not null, "
    "clock integer not null, since integer not null, primary key(topic, number)) without rowid",
    "create table meta(name text primary key, value blob not null) without rowid",
)
_LAYOUT: Final = (
    "create table activity(key integer not null, minute integer not null, conversation text not null, "
    "at integer not null, logged integer not null, primary key(key, minute, conversation)) without rowid",
    *POSITIONS,
)
PUT: Final = (
    "insert into activity values(?,?,?,?,?) on conflict do update set at = excluded.at, logged = excluded.logged "
    "where excluded.logged < logged or (excluded.logged = logged and excluded.at < at)"
)
_PUT_PART: Final = "insert or replace into part values(?,?,?,?,?,?)"
_PUT_META: Final = "insert or replace into meta values(?,?)"
_WHERE: Final = "from activity where key = ? and minute between ? and ?"
_COUNTED: Final = "and at between ? and ? and logged <= ?"
_LATEST: Final = (
    "select at, conversation, "
    "(select count(*) from (select 1 from activity where key = ?1 and minute between ?2 and ?3 limit ?7)) "
    "from activity where key = ?1 and minute between ?2 and ?3 and at between ?4 and ?5 and logged <= ?6 "
    "order by minute desc limit 2"
)
_LAST: Final = (
    f"select count(*), max((at + {_SHIFT}) || conversation) from (select at, conversation {_WHERE} {_COUNTED} limit ?)"
)
_NEWEST: Final = f"select conversation, at, logged {_WHERE} order by minute desc limit ?"
_ALL: Final = f"select conversation, at, logged {_WHERE} {_COUNTED} limit ?"
_SWEPT: Final = "select distinct key from activity where key > ? order by key limit ?"
_DELETE: Final = "delete from activity where key > ? and key <= ? and minute < ?"
BEFORE_ALL: Final = -(1 << 63)
"""No key is as small, by one of 2 to the power of 64."""


class TableFailed(Exception):
    """The database can't be read or written now: the disk is full, say. It may work again later."""


class TableBroken(TableFailed):
    """The database is damaged: it has to be thrown away and made anew."""


class StoredPartition(msgspec.Struct, frozen=True):
    """How far a partition is read: the next offset, the largest stamp of its records (milliseconds), and the time by
    the log from which on nothing is missing."""

    topic_id: str
    next: int
    clock: int
    since: int


class ActivityTable:
    """Activities by hashed key. One thread at a time calls it. All methods raise TableFailed.

    `declaration` names what the rows were made by: a table of another declaration, format or `hash_key` is emptied
    when it is opened. Keys are hashed with `hash_key`, else with a random salt that the table keeps, so that nobody's
    id stands in the file.

    Nothing waits for the disk but `close`. The end of the process tears no transaction, since there is a journal; a
    machine that stops may, so that a table that wasn't closed is thrown away after a restart of the machine.
    """

    layout: ClassVar[tuple[str, ...]] = _LAYOUT
    kept_in: ClassVar[str] = "activity"
    keeps: ClassVar[str] = "conversations"
    """What it holds, in words."""
    told_by: ClassVar[str] = "conversation sources"

    def __init__(self, path: Path | str = MEMORY, declaration: str = "", hash_key: bytes | None = None) -> None:
        self.path = str(path)
        self._declaration = declaration
        self._hash_key = hash_key
        self._salt = b""
        self._boot = boot()
        self.points = self._committed = 0
        """Rows, about: an update counts as a row."""
        self.emptied = ""
        """Why the table that was there was thrown away, in words; empty if it was kept, or there was none."""
        self._open()

    # --- opening -----------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        try:
            self._connect()
            self.emptied = self._differs()
        except TableFailed as error:
            if not isinstance(error, TableBroken):
                raise
            self.emptied = str(error)
        if self.emptied or not self._salt:
            self.renew()

    def _connect(self) -> None:
        with failing():
            self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=0)
            run = self._db.execute
            if self.path != MEMORY:
                run("pragma locking_mode = exclusive")
                run("pragma journal_mode = persist")
                run(f"pragma synchronous = {'off' if self._boot else 'normal'}")
                run(f"pragma cache_size = -{_PAGE_CACHE_KIB}")
            self._cursor = self._db.cursor()

    def _differs(self) -> str:
        """Why the rows that are there can't be used; empty if they can, or there are none."""
        with failing():
            names = {each for (each,) in self._db.execute("select name from sqlite_master").fetchall()}
            if not names:
                return ""
            if not {self.kept_in, "part", "meta"} <= names:
                return "it is not a table of this program"
            meta = dict(self._db.execute("select name, value from meta").fetchall())
            if meta.get("format") != FORMAT:
                return "the format is another one"
            if meta.get("declaration") != self._declaration:
                return f"the {self.told_by} are other ones"
            if meta.get("hash_key") != fingerprint(self._hash_key):
                return "the hash key is another one"
            if meta.get("closed") != 1:
                if meta.get("boot") != self._boot:
                    return "the machine was restarted before the table was closed"
                if (said := self._db.execute("pragma quick_check(1)").fetchone()[0]) != "ok":
                    return str(said)
            self._salt = salt(self._hash_key) if self._hash_key else bytes(meta["salt"])
            self.points = self._committed = int(meta["points"])
            self._db.executemany(_PUT_META, (("boot", self._boot), ("closed", 0)))
        return ""

    def renew(self) -> None:
        """Throw everything away and begin an empty table."""
        self.close(finished=False)
        if self.path != MEMORY:
            for each in ("", "-wal", "-shm", "-journal"):
                with suppress(FileNotFoundError):
                    Path(self.path + each).unlink()
        self._connect()
        self.points = self._committed = 0
        # A table in use keeps its salt: whoever hashes keys goes on.
        self._salt = self._salt or salt(self._hash_key)
        with failing():
            self._db.execute("begin")
            for each in self.layout:
                self._db.execute(each)
            kept = {
                "format": FORMAT,
                "declaration": self._declaration,
                "hash_key": fingerprint(self._hash_key),
                "salt": b"" if self._hash_key else self._salt,
                "points": 0,
                "boot": self._boot,
                "closed": 0,
            }
            self._db.executemany(_PUT_META, kept.items())
            self._db.execute("commit")

    # --- looking up --------------------------------------------------------------------------------------------------

    def hasher(self, source: str, name: str) -> KeyHash:
        """The function that makes a key of the value of this source's key."""
        return hash_of_keys(self._salt, source, name)

    def last(self, key: int, low: int, high: int, horizon: int, limit: int) -> tuple[bool, tuple[int, str] | None]:
        """Of the rows with a time from `low` to `high` that were logged up to the horizon: whether there are more than
        the limit, and the largest (time, conversation); times in milliseconds."""
        given = (key, low // MINUTE_MS, high // MINUTE_MS, low, high, horizon, limit + 1)
        try:
            rows = self._cursor.execute(_LATEST, given).fetchall()
            if not rows:
                return False, None
            at, conversation, count = rows[0]
            if count <= limit and (len(rows) == 1 or rows[1][0] // MINUTE_MS != at // MINUTE_MS):
                return False, (at, conversation)
            # Several in the latest minute, or many that may not count: all are looked at.
            count, text = self._cursor.execute(_LAST, given).fetchone()
        except sqlite3.Error as error:
            raise failed(error) from error
        return count > limit, (int(text[:_DIGITS]) - _SHIFT, text[_DIGITS:])

    def newest(self, key: int, low: int, high: int, limit: int) -> list[Row]:
        """At most `limit` rows between these minutes, latest minute first; in no order within a minute."""
        with failing():
            return self._cursor.execute(_NEWEST, (key, low, high, limit)).fetchall()

    def counted(self, key: int, low: int, high: int, horizon: int, limit: int) -> list[Row]:
        """At most `limit` rows with a time from `low` to `high` that were logged up to the horizon; times in
        milliseconds."""
        with failing():
            given = (key, low // MINUTE_MS, high // MINUTE_MS, low, high, horizon, limit)
            return self._cursor.execute(_ALL, given).fetchall()

    # --- writing -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a transaction; rows count at once for this process, and are kept with the commit."""
        with failing():
            if not self._db.in_transaction:
                self._db.execute("begin")

    def put(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Add rows, best in sorted order: of one key, minute and conversation the smallest (logged, at) stays."""
        before = self._db.total_changes
        with failing():
            self._put(rows)
        self.points += self._db.total_changes - before

    def _put(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._db.executemany(PUT, rows)

    def commit(self, partitions: Mapping[TopicPartition, StoredPartition]) -> None:
        """Keep what was added since `begin`, together with how far these partitions are read."""
        with failing():
            if partitions:
                self._db.executemany(
                    _PUT_PART,
                    [(*key, each.topic_id, each.next, each.clock, each.since) for key, each in partitions.items()],
                )
                self._db.execute(_PUT_META, ("points", self.points))
            if self._db.in_transaction:
                self._db.execute("commit")
        self._committed = self.points

    def undo(self) -> None:
        """Give up what was added since `begin`. Never raises."""
        self.points = self._committed
        with suppress(sqlite3.Error, AttributeError):
            if self._db.in_transaction:
                self._db.execute("rollback")

    def partitions(self) -> dict[TopicPartition, StoredPartition]:
        """How far each partition was read, by the last commit."""
        with failing():
            found = self._db.execute("select topic, number, topic_id, next, clock, since from part").fetchall()
        return {(topic, number): StoredPartition(*rest) for topic, number, *rest in found}

    def note(self, name: str, value: int) -> None:
        """Keep a number under a name."""
        with failing():
            self._db.execute(_PUT_META, (name, value))

    def noted(self, name: str) -> int | None:
        """The number that is kept under a name."""
        with failing():
            found = self._db.execute("select value from meta where name = ?", (name,)).fetchone()
        return None if found is None else int(found[0])

    def gap(self, topic: str) -> int | None:  # noqa: ARG002 - that of rows does
        """None: no activity replaces another. See `RowTable.gap`."""
        return None

    def sweep(self, after: int | None, keys: int, before: int) -> int | None:
        """Delete the rows of the next `keys` keys after this one (None: of the first) whose time lies in minutes before
        that time (milliseconds). Returns the last key that was looked at; None once all were, to begin again."""
        with failing():
            first = BEFORE_ALL if after is None else after
            found = self._db.execute(_SWEPT, (first, keys)).fetchall()
            if not found:
                return None
            last = int(found[-1][0])
            deleted = self._db.execute(_DELETE, (first, last, before // MINUTE_MS)).rowcount
        self.points = self._committed = max(0, self.points - deleted)
        return last if len(found) == keys else None

    @property
    def bytes(self) -> int:
        """Bytes that the database takes, free pages included."""
        with failing():
            return int(self._db.execute("pragma page_count").fetchone()[0]) * int(
                self._db.execute("pragma page_size").fetchone()[0]
            )

    def close(self, *, finished: bool = True) -> None:
        """End it. Never raises: what can't be written is read again from the logs."""
        self.undo()
        with suppress(sqlite3.Error, AttributeError):
            if finished:
                # First everything goes to the disk, then the word that it is there.
                self._db.execute("pragma synchronous = full")
                self._db.execute("pragma journal_size_limit = 0")
                self._db.execute(_PUT_META, ("points", self.points))
                self._db.execute(_PUT_META, ("closed", 1))
        with suppress(sqlite3.Error, AttributeError):
            self._db.close()


def boot() -> str:
    """The id of this run of the machine's kernel, another one after each restart; empty where there is none."""
    with suppress(OSError):
        return _BOOT.read_text().strip()
    return ""


def storable(conversation: str, at: int) -> bool:
    """True if the table can hold it: an id that is text in UTF-8 and not too long, a time within the limit."""
    return -TIME_LIMIT < at < TIME_LIMIT and 0 < len(conversation) <= MAX_ID and encodes(conversation)


def stored(key: int, conversation: str, at: int, logged: int) -> Stored:
    """The row of an activity."""
    return key, at // MINUTE_MS, conversation, at, logged


class failing:  # noqa: N801 - used as a function is
    """Errors of SQLite as TableFailed or TableBroken."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            raise failed(error) from error


def failed(error: sqlite3.Error) -> TableFailed:
    if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError | sqlite3.InterfaceError):
        return TableFailed(str(error))
    return TableBroken(str(error))

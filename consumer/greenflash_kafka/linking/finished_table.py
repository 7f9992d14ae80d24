"""Files of activities and rows that nobody writes to any more: any number of processes read one at the same time."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from greenflash_kafka.linking.key_hash import salt
from greenflash_kafka.linking.row_table import RowTable
from greenflash_kafka.linking.table import ActivityTable, failing


class FinishedActivities(ActivityTable):
    """The activities of a finished file."""

    def _open(self) -> None:
        with failing():
            # Nobody locks it, nobody looks for a journal.
            where = f"{Path(self.path).absolute().as_uri()}?mode=ro&immutable=1"
            self._db = sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False)
            self._cursor = self._db.cursor()
            (kept,) = self._db.execute("select value from meta where name = 'salt'").fetchone()
        self._salt = salt(self._hash_key) if self._hash_key else bytes(kept)


class FinishedRows(FinishedActivities, RowTable):
    """The rows of a finished file."""

"""Writing of rows and positions, in one transaction over several turns of the loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, Final

from greenflash_kafka.linking.table import ActivityTable, StoredPartition
from greenflash_kafka.ports import TopicPartition

_KEY: Final = itemgetter(0)

_LARGE: Final = 1_000
"""Rows from which on the commit has a step of its own: it may take as long as all that was added in one."""


class BatchWriter:
    """One batch at a time. Rows are sorted by their keys first, so that rows of one page are written together."""

    def __init__(self, table: ActivityTable, portion: int) -> None:
        """`portion`: rows that are added at once."""
        self._table = table
        self._portion = portion
        self._rows: list[Any] = []
        self._sorted = False
        self._added = 0
        self.partitions: Mapping[TopicPartition, StoredPartition] | None = None
        """How far the partitions are read with the batch that is being written; None if there is none."""

    def begin(self, rows: list[Any], partitions: Mapping[TopicPartition, StoredPartition]) -> None:
        """Begin a batch."""
        self._rows, self._sorted, self._added, self.partitions = rows, False, 0, partitions

    def step(self, in_time: Callable[[], bool]) -> bool:
        """Sort, add slices, commit: while there is time, at least one of these. True once the batch is committed.
        Raises TableFailed: then the batch begins again with the next step."""
        if self.partitions is None:
            return True
        if not self._sorted:
            self._rows.sort(key=_KEY)
            self._sorted = True
            if not in_time():
                return False
        commits = len(self._rows) < _LARGE or self._added >= len(self._rows)
        try:
            self._table.begin()
            while self._added < len(self._rows):
                self._table.put(self._rows[self._added : self._added + self._portion])
                self._added += self._portion
                if not in_time():
                    return False
            if not commits:
                return False
            self._table.commit(self.partitions)
        except BaseException:
            self._table.undo()
            self._added = 0
            raise
        self.forget()
        return True

    def forget(self) -> None:
        """Give up the batch."""
        self._rows, self._sorted, self._added, self.partitions = [], False, 0, None

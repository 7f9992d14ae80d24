"""Rows of tables as whole topics of the past tell them: the same versions in the same kind of file as a run has, read
before the first look-up, so that nobody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from greenflash_kafka.linking.batch_writer import BatchWriter
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.finished_table import FinishedRows
from greenflash_kafka.linking.intake import ReadPartition
from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.linking.row_intake import RowIntake
from greenflash_kafka.linking.row_table import RowTable
from greenflash_kafka.linking.source_horizons import FUTURE_MS
from greenflash_kafka.linking.table_names import TableListener
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.topic_tables import TableRows, TopicTable
from greenflash_kafka.ports import Clock, Listener, TopicPartition

_BATCH: Final = 30_000
"""Rows that are written at once: sorted, so that many share their pages."""

_PORTION: Final = 1_000


class PastRowsWriter:
    """Writes the file. `rows` is what a record gives; `hash_key` is the one by which the file's reader hashes keys;
    `forgets` tells of a topic whether compaction deletes its records, as for `RowIntake`; `begins` are the first
    offsets of partitions (0 if not said), before which retention deleted records."""

    def __init__(
        self,
        path: Path,
        tables: Sequence[TopicTable],
        rows: Callable[[Message], TableRows],
        hash_key: bytes | None,
        clock: Clock,
        listener: Listener,
        forgets: Callable[[str], bool],
        begins: Mapping[TopicPartition, int],
    ) -> None:
        """Raises TableFailed, as all methods do."""
        self._table = RowTable(path, hash_key=hash_key)
        horizons = LoggedTables(tables, self._table, clock)
        told = TableListener(listener)
        self._intake = RowIntake(tables, self._table, rows, horizons, clock, told, forgets)
        self._writer = BatchWriter(self._table, _PORTION)
        self._begins = begins
        self._forgets = forgets
        self._first: dict[TopicPartition, int] = {}
        self._parts: dict[TopicPartition, ReadPartition] = {}

    def add(self, messages: Iterable[Message]) -> None:
        """Take records: those of a partition in the order of the log and from its beginning on, or in portions that are
        in order, the latest portion first; then a version counts from the largest stamp of its portion so far on."""
        intake, parts = self._intake, self._parts
        intake.begin()
        for message in messages:
            key = message.topic, message.partition
            part = parts.get(key)
            if part is None or message.offset < part.next:
                part = parts[key] = ReadPartition("", message.offset, provisional=self._begins.get(key, 0) > 0)
                # What lies before a portion is seen to be missing, or not, when the reading ends.
                part.seen = self._first[key] = message.offset
            intake.add(part, message)
        if len(intake.rows) >= _BATCH:
            self._flush()

    def close(self) -> None:
        """Finish the file. What was before the first record that was taken was deleted, by retention or compaction."""
        for key, first in self._first.items():
            if first and (self._begins.get(key, 0) or self._forgets(key[0])):
                self._table.note_gap(key[0], ALWAYS)
        self._flush()
        self._table.close(finished=False)

    def _flush(self) -> None:
        rows, self._intake.rows = self._intake.rows, []
        self._writer.begin(rows, {})
        while not self._writer.step(lambda: True):
            pass


class PastRows(LoggedTables):
    """`model.topic_tables.TopicTables` over a finished file, which any number of processes read at the same time."""

    def __init__(
        self, path: Path, tables: Sequence[TopicTable], hash_key: bytes | None, read_ms: int, clock: Clock
    ) -> None:
        """`read_ms`: when the topics were read, in milliseconds since 1970; as in a run, a message that is stamped
        later than that finds no row. Raises TableFailed."""
        self._file = FinishedRows(path, hash_key=hash_key)
        super().__init__(tables, self._file, clock)
        self.publish({each.name: read_ms + FUTURE_MS + each.max_delay_ms for each in tables})
        self.complete_since(ALWAYS, {})

    def close(self) -> None:
        """Close the file."""
        self._file.close(finished=False)

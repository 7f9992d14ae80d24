"""The reader of the topics that tell tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.row_intake import RowIntake
from greenflash_kafka.linking.row_table import RowTable
from greenflash_kafka.linking.table_names import TableListener
from greenflash_kafka.linking.topic_reader import LogReader
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.topic_tables import TableRows, TopicTable
from greenflash_kafka.ports import Clock, ConversationLog, Listener


class TableReader(LogReader):
    """Reads the topics from their beginning; `rows` is what a record gives, `forgets` as for `RowIntake`."""

    reads: ClassVar[str] = "tables"

    def __init__(
        self,
        log: ConversationLog,
        table: RowTable,
        tables: LoggedTables,
        sources: Sequence[TopicTable],
        sources_of: Callable[[str], Iterable[str]],
        rows: Callable[[Message], TableRows | NotYet],
        clock: Clock,
        listener: Listener,
        settings: ReaderSettings,
        forgets: Callable[[str], bool | None],
        released: Callable[[], None] = lambda: None,
    ) -> None:
        self._tables = tables
        listener = TableListener(listener)
        intake = RowIntake(sources, table, rows, tables, clock, listener, forgets)
        super().__init__(log, table, tables, sources, sources_of, intake, clock, listener, settings, released)

    def report(self) -> None:
        """See `ports.ConversationReader`."""
        super().report()
        for name, number in self._tables.late.items():
            if number:
                self._listener.count("table_late", number, (name,))
                self._tables.late[name] = 0

"""Records of tables' topics turned into versions of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.intake import Intake, ReadPartition
from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.linking.row_table import RowTable, place
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.topic_tables import NO_ROWS, TableRows, TopicTable
from greenflash_kafka.ports import Clock, Listener


class RowIntake(Intake[TableRows]):
    """Makes rows of records, and notes where records were deleted: there an earlier version may have been.

    `forgets` tells of a topic whether compaction deletes its records; None while that isn't known. Where none does, an
    offset without a record belongs to a transaction.
    """

    nothing = NO_ROWS

    def __init__(
        self,
        sources: Sequence[TopicTable],
        table: RowTable,
        rows: Callable[[Message], TableRows | NotYet],
        tables: LoggedTables,
        clock: Clock,
        listener: Listener,
        forgets: Callable[[str], bool | None],
    ) -> None:
        super().__init__(rows, tables, clock, listener)
        self._table = table
        self._forgets = forgets
        self._hashers = {each.name: table.hasher(each.name, "key") for each in sources}

    def add(self, partition: ReadPartition, message: Message) -> bool:
        """As `Intake.add`. Raises TableFailed."""
        gap = not partition.gap and message.offset > partition.seen
        if gap and not partition.provisional:
            # While it is provisional, retention deleted what was before.
            if (forgets := self._forgets(message.topic)) is None:
                partition.waits = "the brokers' answer whether the topic is compacted"
                return False
            gap = forgets
        clock = partition.clock
        if not super().add(partition, message):
            return False
        if gap:
            partition.gap = True
            self._table.note_gap(message.topic, clock)
        partition.seen = message.offset + 1
        return True

    def _keep(self, found: TableRows, message: Message, logged: int) -> None:
        rows: list[Any] = self.rows
        for each in found.found:
            if logged <= self._horizons.frontiers.get(each.rule, ALWAYS):
                self._listener.count("conversation_late", 1, (each.rule,))
            rows.append(
                (self._hashers[each.rule](each.key), logged, place(message.offset, message.partition), each.fields)
            )
        for problem in found.problems:
            self._problem(problem.rule or "", problem.code, message)

"""Tables from topics as the logs tell them: the latest row of a key as of a message's horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from greenflash_kafka.linking.frontier import MARGIN_MS
from greenflash_kafka.linking.row_table import RowTable
from greenflash_kafka.linking.source_horizons import SourceHorizons
from greenflash_kafka.linking.table import TableFailed
from greenflash_kafka.model.conversations import ConversationsUnreadable
from greenflash_kafka.model.topic_tables import TopicTable, row_of
from greenflash_kafka.ports import Clock


class LoggedTables(SourceHorizons):
    """The rows that the reader of the logs writes; the parameters are those of `SourceHorizons`."""

    def __init__(
        self,
        tables: Sequence[TopicTable],
        rows: RowTable,
        clock: Clock,
        *,
        give_up_after: float | None = None,
        margin: int = MARGIN_MS,
    ) -> None:
        super().__init__(tables, clock, lookback=0, late=0, give_up_after=give_up_after, margin=margin)
        self._rows = rows
        self._tables = {each.name: each for each in tables}
        self._hashers = {each.name: rows.hasher(each.name, "key") for each in tables}
        self.late: dict[str, int] = dict.fromkeys(self._tables, 0)
        """By table, how often a row later than the horizon stood for one that is deleted; the reader counts it."""

    def row(self, table: str, key: str, recorded: int) -> Mapping[str, Any] | None:
        """See `model.topic_tables.TopicTables`. Checks the horizon itself: rather no row than a wrong one."""
        if not self.reached(table, recorded):
            return None
        of = self._tables[table]
        horizon = recorded + of.max_delay_ms
        try:
            hashed = self._hashers[table](key)
            found, fields = self._rows.latest(hashed, horizon)
            if not found:
                fields = self._later(of, hashed, horizon)
        except TableFailed as error:
            self.failed = error
            raise ConversationsUnreadable(str(error)) from error
        return None if fields is None else row_of(of.columns, fields)

    def deleted(self, table: str, key: str, recorded: int) -> bool:
        """Whether the latest version up to this time by the log (milliseconds) deletes the row. Raises TableFailed."""
        return self._rows.latest(self._hashers[table](key), recorded) == (True, None)

    def _later(self, table: TopicTable, key: int, horizon: int) -> str | None:
        """The earliest version after the horizon, if there may have been one before, which compaction took: only where
        an offset up to the horizon has no record any more. Else the key is new, and every run says so."""
        gap = self._rows.gap(table.topic)
        if gap is None or gap > horizon or (fields := self._rows.first(key)) is None:
            return None
        self.late[table.name] += 1
        return fields

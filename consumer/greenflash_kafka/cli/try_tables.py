"""The part of `try` and `explain` that is about tables from topics: the rows that were looked up, and those that the
message itself gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from greenflash_kafka.cases.asked import AskedRow
from greenflash_kafka.cases.link_reasons import moment
from greenflash_kafka.model.topic_tables import PREFIX, TableRows, TopicTable, row_of
from greenflash_kafka.redaction import visible

NOT_GIVEN = "no rows given, so tables from topics have none: --tables customers.ndjson"

NOT_IN_CASES = (
    "a case has the rows that `tables` of its cases file gives, none of --tables: write them there, e.g. "
    "tables: {customers: {cus_1: {user_id: u-5}}}"
)


class LookedUp(msgspec.Struct, frozen=True):
    """What was looked up. `known` False: no rows were given; `notes`: what there is to say of those that were;
    `given`: the rows that the message itself tells."""

    asked: tuple[AskedRow, ...]
    tables: Mapping[str, TopicTable]
    given: TableRows = TableRows()
    known: bool = True
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """For people; nothing if the message has nothing to do with tables from topics."""
        lines = []
        if self.asked or self.notes or self.given.found:
            lines += ["", "tables:"]
        lines += [f"  {visible(self._given_words(each.rule, each.key, each.fields))}" for each in self.given.found]
        lines += [f"  {visible(self._words(each))}" for each in self.asked]
        lines += [f"  {visible(each)}" for each in self.notes]
        if self.asked and not self.known:
            lines.append(f"  {NOT_GIVEN}")
        return lines

    def as_objects(self) -> dict[str, object]:
        """For programs: `rows`, the look-ups and the rows that the message gives, where there are any."""
        whole: dict[str, object] = {}
        if self.asked:
            whole["table_rows"] = [
                {
                    "table": each.table.removeprefix(PREFIX),
                    "key": each.key,
                    "as_of": moment(self._horizon(each)),
                    "row": each.row,
                }
                for each in self.asked
            ]
            whole["tables_given"] = self.known
        if self.given.found:
            whole["told_rows"] = [
                {"table": each.rule.removeprefix(PREFIX), "key": each.key, "row": self._cells(each.rule, each.fields)}
                for each in self.given.found
            ]
        if self.notes:
            whole["tables_wrong"] = list(self.notes)
        return whole

    def _horizon(self, each: AskedRow) -> int:
        return each.recorded + self.tables[each.table].max_delay_ms

    def _words(self, each: AskedRow) -> str:
        found = "no row" if each.row is None else _cell_words(each.row)
        return f"{each.table}[{each.key}] as of {moment(self._horizon(each))}: {found}"

    def _given_words(self, table: str, key: str, fields: str | None) -> str:
        cells = self._cells(table, fields)
        return f"this message gives {table}[{key}]: {'deleted' if cells is None else _cell_words(cells)}"

    def _cells(self, table: str, fields: str | None) -> Mapping[str, Any] | None:
        if fields is None:
            return None
        return row_of(self.tables[table].columns, fields)


def _cell_words(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {'missing' if value is None else value}" for name, value in row.items())

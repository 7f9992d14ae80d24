"""`rows:` of cases: the rows of tables from topics that a message must give, and those that it gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from greenflash_kafka.cases.case import CaseRow
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import BooleanType, Key, ListType, MapType, RecordType, Values
from greenflash_kafka.documents.value_types import AnyTextType, Json, JsonType
from greenflash_kafka.documents.yaml_nodes import Scalar, place
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.model.topic_tables import PREFIX, row_of
from greenflash_kafka.resolve import resolve_rows
from greenflash_kafka.snapshot import Snapshot

ROW: Final = RecordType(
    "a row",
    (
        Key("table", AnyTextType(), "The name of the table in its mapping file.", True),
        Key("key", AnyTextType(), "The row's key.", True),
        Key("fields", MapType(JsonType(), "a map of names to values", names=None), "All fields that have a value."),
        Key("deleted", BooleanType(), "true: the message deletes the row."),
    ),
    some=("fields", "deleted"),
)

ROWS: Final = ListType(ROW, "a list of rows")
"""The rows that a message must give."""


def expected_rows(entries: Iterable[object], tables: Collection[str], report: FileReport) -> tuple[CaseRow, ...]:
    """The rows that a message must give; a finding for each table that isn't among `tables`, the mapping's."""
    found = []
    for entry in entries:
        table, key = (entry.get("table"), entry.get("key")) if isinstance(entry, Values) else (None, None)
        if not isinstance(entry, Values) or not isinstance(table, Scalar) or not isinstance(key, Scalar):
            continue
        if table.text not in tables:
            hint = did_you_mean(table.text, tables)
            report.add(place(table), "unknown-name", f"the mapping has no table `{table.text}`", hint)
        fields, deleted = entry.get("fields"), entry.get("deleted") is True
        if deleted and isinstance(fields, Mapping):
            report.add(place(entry.node), "bad-literal", "a row that is deleted has no fields", "write one of the two")
        written = fields.items() if isinstance(fields, Mapping) else ()
        values = {name: each.value for name, (_, each) in written if isinstance(each, Json)}
        found.append(CaseRow(table.text, key.text, None if deleted else values))
    return tuple(found)


def rows_of(message: Message, snapshot: Snapshot) -> tuple[tuple[CaseRow, ...], tuple[Problem, ...]]:
    """The rows that a message gives, and what is wrong with it."""
    given = resolve_rows(message, snapshot)
    columns = {each.name: each.columns for each in snapshot.ruleset.tables}
    rows = (
        CaseRow(
            each.rule.removeprefix(PREFIX),
            each.key,
            None if each.fields is None else _with_value(row_of(columns[each.rule], each.fields)),
        )
        for each in given.found
    )
    return tuple(rows), given.problems


def _with_value(row: Mapping[str, object]) -> Mapping[str, object]:
    return {name: each for name, each in row.items() if each is not None}

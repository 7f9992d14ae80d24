"""Look-up tables: CSV files beside the mapping file, or written inline."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any, Final

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values, long_number, wrong
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, place, point
from greenflash_kafka.expressions.names import Table
from greenflash_kafka.mappings.files_beside import read_beside
from greenflash_kafka.mappings.spec import TABLE_FILE
from greenflash_kafka.mappings.table_files import BadCsv, CsvRow, header, read_csv

MAX_BYTES: Final = 20_000_000
"""Largest table file."""

_ENDINGS: Final = (".csv", ".tsv", ".txt", ".xlsx")


def read_table(name: str, node: Node, folder: Path, tree: FileTree, report: FileReport) -> Table | None:
    """The table, or None after saying what is wrong with it."""
    if not isinstance(node, Map):
        wrong(node, report, "a table", "{file: plans.csv, key: plan_id}, or the rows themselves")
        return None
    file = node.get("file")
    if not isinstance(file, Scalar):
        return _inline(name, node, report)
    values = TABLE_FILE.read(node, report)
    path = values.get("file") if values else None
    if values is None or not isinstance(path, Scalar):
        return None
    content = read_beside(path, folder, tree, report, code="bad-table", what="a table", endings=_ENDINGS)
    if content is None:
        return None
    if len(content) > MAX_BYTES:
        report.add(place(path), "bad-table", f"{path.text} is larger than {MAX_BYTES:,} bytes")
        return None
    return _from_csv(name, content, str(folder / PurePosixPath(path.text)), _keys(values.get("key"), report), report)


def is_from_topic(node: Node) -> bool:
    """Whether a table is told by a topic."""
    return isinstance(node, Map) and isinstance(node.get("topic"), Scalar)


def table_columns(values: Values) -> tuple[str, ...]:
    """The columns of a table from a topic, as far as they can be read."""
    fields = values.get("fields")
    if isinstance(fields, Map):
        return tuple(entry.key.text for entry in fields.entries)
    return tuple(one.text for one in fields.items if isinstance(one, Scalar)) if isinstance(fields, List) else ()


def _keys(node: object, report: FileReport) -> tuple[Scalar, ...]:
    """The columns by which rows are looked up, as they are written; none: the first column."""
    if isinstance(node, Scalar):
        return (node,)
    if isinstance(node, List):
        return tuple(item for item in node.items if isinstance(item, Scalar))
    if isinstance(node, Map):
        wrong(node, report, "a column's name, or a list of columns", "key: [plan_id, country]")
    return ()


def _from_csv(name: str, content: bytes, file: str, keys: tuple[Scalar, ...], report: FileReport) -> Table | None:
    try:
        rows = read_csv(content)
        columns = header(rows[0])
    except BadCsv as bad:
        report.add(point(bad.line, 1), "bad-table", str(bad), bad.hint, file)
        return None
    unknown = [key for key in keys if key.text not in columns]
    for key in unknown:
        hint = did_you_mean(key.text, columns) or f"its columns are {', '.join(columns)}"
        report.add(place(key), "bad-table", f"{Path(file).name} has no column {key.text}", hint)
    if unknown:
        return None
    return _index(Table(name, columns, {}, tuple(key.text for key in keys) or columns[:1]), rows[1:], file, report)


def _index(table: Table, rows: list[CsvRow], file: str, report: FileReport) -> Table:
    """The table with its rows; with several key columns by the first, in it by the second, and so on."""
    columns = table.columns
    found: dict[str, Any] = {}
    for row in rows:
        at = point(row.line, 1)
        if len(row.cells) != len(columns):
            said = f"{len(row.cells)} cells, and the first line names {len(columns)} columns"
            report.add(at, "bad-table", said, "a cell with a comma in it stands in quotes", file)
            continue
        cells = dict(zip(columns, row.cells, strict=True))
        empty = [key for key in table.keys if not cells[key]]
        if empty:
            said = f"the row has no {empty[0]}, by which it is looked up"
            report.add(at, "bad-table", said, "fill it in, or delete the row", file)
            continue
        *outer, last = (cells[key] for key in table.keys)
        group = found
        for key in outer:
            group = group.setdefault(key, {})
        if last in group:
            said = " and ".join(f"{key} {cells[key]!r}" for key in table.keys)
            report.add(at, "bad-table", f"a second row of {said}", "delete one of the two", file)
        group[last] = {column: cell or None for column, cell in cells.items()}
    return Table(table.name, columns, found, table.keys)


def _inline(name: str, node: Map, report: FileReport) -> Table:
    rows: dict[str, dict[str, object]] = {}
    for entry in node.entries:
        if not isinstance(entry.value, Map):
            wrong(entry.value, report, "a row ({column: cell})", "or {file: plans.csv, key: plan_id} for a CSV file")
            continue
        cells: dict[str, object] = {}
        for cell in entry.value.entries:
            if not isinstance(cell.value, Scalar):
                wrong(cell.value, report, "a cell (a text)")
            elif not long_number(cell.value, report):
                cells[cell.key.text] = cell.value.text if cell.value.value not in (None, "") else None
        rows[entry.key.text] = cells
    columns = dict.fromkeys(column for row in rows.values() for column in row)
    return Table(name, tuple(columns), rows)

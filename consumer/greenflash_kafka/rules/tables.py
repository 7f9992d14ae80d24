"""Look-up tables: CSV files beside the mapping file, or written inline."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import long_number, wrong
from greenflash_kafka.documents.yaml_nodes import Map, Node, Scalar, place
from greenflash_kafka.rules.expressions.names import Table
from greenflash_kafka.rules.spec import TABLE_FILE

MAX_BYTES: Final = 20_000_000
"""Largest table file."""

Read = Callable[[Path], bytes]
"""Reads a file beside the mapping file; raises OSError."""


def read_table(name: str, node: Node, folder: Path, read: Read, report: FileReport) -> Table | None:
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
    relative = PurePosixPath(path.text)
    if relative.is_absolute():
        report.add(place(path), "bad-table", "a table's file is named relative to the mapping file, not absolutely")
        return None
    key = values.get("key")
    if not _inside(folder, folder / relative):
        said = f"{path.text} lies outside the mapping file's folder (a link counts as where it leads to)"
        report.add(place(path), "bad-table", said, "copy the file into that folder, or a folder in it")
        return None
    try:
        content = read(folder / relative)
    except OSError as error:
        report.add(place(path), "bad-table", f"{path.text} can't be read: {error.strerror or error}")
        return None
    return _from_csv(name, content, path, key if isinstance(key, Scalar) else None, report)


def _inside(folder: Path, file: Path) -> bool:
    # Whoever may edit rules may not read the machine: and what a ConfigMap mounts are links, inside its own folder.
    try:
        return file.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False  # a link that leads in circles


def _from_csv(name: str, content: bytes, file: Scalar, key: Scalar | None, report: FileReport) -> Table | None:
    at = place(file)
    if len(content) > MAX_BYTES:
        report.add(at, "bad-table", f"{file.text} is larger than {MAX_BYTES:,} bytes")
        return None
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(lines.line_num, row) for row in lines if row]
    except (UnicodeDecodeError, csv.Error) as error:
        report.add(at, "bad-table", f"{file.text} isn't UTF-8 CSV: {error}")
        return None
    if not rows:
        report.add(at, "bad-table", f"{file.text} is empty; its first line must name the columns")
        return None
    columns = tuple(column.strip() for column in rows[0][1])
    if len(set(columns)) < len(columns) or "" in columns:
        report.add(at, "bad-table", f"{file.text}: columns need names, each another")
        return None
    if key is not None and key.text not in columns:
        report.add(place(key), "bad-table", f"{file.text} has no column {key.text}", did_you_mean(key.text, columns))
        return None
    position = columns.index(key.text) if key else 0
    return _index(name, columns, position, rows[1:], file, report)


def _index(
    name: str,
    columns: tuple[str, ...],
    position: int,
    rows: list[tuple[int, list[str]]],
    file: Scalar,
    report: FileReport,
) -> Table:
    found: dict[str, dict[str, object]] = {}
    for number, row in rows:
        if len(row) != len(columns):
            said = f"{file.text}, line {number}: {len(row)} cells where the first line names {len(columns)} columns"
            report.add(place(file), "bad-table", said)
            continue
        cells = [cell.strip() for cell in row]
        if cells[position] in found:
            said = f"{file.text}, line {number}: a second row of {columns[position]} {cells[position]!r}"
            report.add(place(file), "bad-table", said)
        found[cells[position]] = {column: cell or None for column, cell in zip(columns, cells, strict=True)}
    return Table(name, columns, found)


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

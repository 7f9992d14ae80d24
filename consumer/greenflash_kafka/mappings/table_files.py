"""CSV files of look-up tables, also as Excel writes them: text, separator, header and rows, with what is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SAVE: Final = "save it as `CSV UTF-8`"
"""What is done in a spreadsheet about a file that can't be read."""

_SEP: Final = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)


class BadCsv(Exception):
    """The file can't be used; `line` counts from 1."""

    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.hint = hint


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row that isn't empty, and the line on which it begins."""

    line: int
    cells: tuple[str, ...]


def read_csv(content: bytes) -> list[CsvRow]:
    """The rows, the header first, without those whose cells are all empty. Raises BadCsv.

    UTF-8, and UTF-16 with its mark, are read; a header without commas may be separated by semicolons or tabs.
    """
    text = _decoded(content)
    first = 1
    head = text.split("\n", 1)[0]
    separator = _separator(head)
    if (told := _SEP.fullmatch(head.strip() + "\n")) is not None:
        separator, text, first = told[1], text.partition("\n")[2], 2
    rows = [CsvRow(line, tuple(cell.strip() for cell in cells)) for line, cells in _rows(text, separator, first)]
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise BadCsv(1, "the file is empty; its first line must name the columns", "plan_id,name")
    return _without_empty_columns(rows)


def _decoded(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        raise BadCsv(1, "this is an Excel workbook, not a CSV file", SAVE)
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadCsv(line, f"line {line} isn't UTF-8", SAVE) from None


def _separator(head: str) -> str:
    """The only one of semicolon and tab that is in the header, if no comma is."""
    found = [sign for sign in ";\t" if sign in head]
    return found[0] if "," not in head and len(found) == 1 else ","


def _rows(text: str, separator: str, first: int) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line on which it begins."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    begins = first
    while True:
        try:
            cells = next(lines, None)
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                said = f"the quote (\") that opens on line {begins} or below isn't closed"
                raise BadCsv(begins, said, "close it, or leave it out") from None
            said = f'a quote (") stands within a cell of the row that begins on line {begins}'
            raise BadCsv(begins, said, 'write "" for a quote in a cell, and quotes around the whole cell') from None
        if cells is None:
            return
        yield begins, cells
        begins = first + lines.line_num


def _without_empty_columns(rows: list[CsvRow]) -> list[CsvRow]:
    """The rows without the columns at the end that have neither a name nor a cell: spreadsheets write them."""
    width = max(max((at for at, cell in enumerate(row.cells) if cell), default=-1) for row in rows) + 1
    width = max(width, len([cell for cell in rows[0].cells if cell]))
    most = len(rows[0].cells)
    return [CsvRow(row.line, row.cells[:width] if len(row.cells) == most else row.cells) for row in rows]


def header(row: CsvRow) -> tuple[str, ...]:
    """The columns' names. Raises BadCsv for one that is empty or stands twice."""
    columns = row.cells
    for number, column in enumerate(columns):
        if not column:
            raise BadCsv(row.line, f"column {number + 1} has no name", "the first line names the columns")
        if column in columns[:number]:
            at = columns.index(column) + 1
            raise BadCsv(row.line, f"columns {at} and {number + 1} are both named {column}", "rename one of them")
    return columns

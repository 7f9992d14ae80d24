"""Line tables of generated code: a traceback names the lines of the mapping file that the code was made from."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from types import CodeType
from typing import Final

_UNITS: Final = 8
"""Most code units (of two bytes) that one entry of the table spans."""

_NO_COLUMN: Final = 0x80 | 13 << 3
_NO_LINE: Final = 0x80 | 15 << 3


def placed(code: CodeType, file: str, lines: Sequence[int]) -> CodeType:
    """The same code as if it stood in `file`: what came from line n of its source is on line `lines[n - 1]` there."""
    constants = tuple(placed(part, file, lines) if isinstance(part, CodeType) else part for part in code.co_consts)
    first = lines[code.co_firstlineno - 1]
    return code.replace(
        co_filename=file, co_firstlineno=first, co_linetable=_table(code, first, lines), co_consts=constants
    )


def _table(code: CodeType, last: int, lines: Sequence[int]) -> bytes:
    """The table in the format of CPython's `Objects/locations.md`; it has no columns."""
    table = bytearray()
    for line, parts in groupby(code.co_lines(), lambda part: lines[part[2] - 1] if part[2] else None):
        units = sum(end - start for start, end, _ in parts) // 2
        while units:
            span = min(units, _UNITS)
            units -= span
            if line is None:
                table.append(_NO_LINE | span - 1)
            else:
                table.append(_NO_COLUMN | span - 1)
                table += _signed(line - last)
                last = line
    return bytes(table)


def _signed(number: int) -> bytes:
    left, found = -number << 1 | 1 if number < 0 else number << 1, bytearray()
    while left > 63:
        found.append(64 | left & 63)
        left >>= 6
    found.append(left)
    return bytes(found)

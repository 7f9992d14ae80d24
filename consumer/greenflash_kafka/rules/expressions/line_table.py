"""Line tables of generated code: a traceback names the lines of the mapping file that the code was made from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    table = bytes(_entries(code, first, lines))
    return code.replace(co_filename=file, co_firstlineno=first, co_linetable=table, co_consts=constants)


def _entries(code: CodeType, last: int, lines: Sequence[int]) -> Iterator[int]:
    """The bytes of the table, in the format of CPython's `Objects/locations.md`."""
    for start, end, line in code.co_lines():
        at = lines[line - 1] if line else None
        for begin in range(start, end, 2 * _UNITS):
            span = min(end - begin, 2 * _UNITS) // 2 - 1
            if at is None:
                yield _NO_LINE | span
            else:
                yield _NO_COLUMN | span
                yield from _signed(at - last)
                last = at


def _signed(number: int) -> Iterator[int]:
    left = -number << 1 | 1 if number < 0 else number << 1
    while left > 63:
        yield 64 | left & 63
        left >>= 6
    yield left

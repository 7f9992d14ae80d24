"""The tree that a mapping file's YAML becomes: values, with the line and column of each and of every character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


class Place(NamedTuple):
    """A stretch of a file, from its first character to the one after its last; lines and columns count from 1.

    A place without extent (something is missing there) ends where it begins.
    """

    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def where(self) -> str:
        """`line:column`, for people and editors."""
        return f"{self.line}:{self.column}"


def point(line: int, column: int) -> Place:
    """A place without extent."""
    return Place(line, column, line, column)


BEGINNING: Place = point(1, 1)
"""Where a file begins."""

NOWHERE: Place = point(0, 0)
"""The place of what stands in no file, or concerns a file as a whole."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is what YAML reads, `value` what the core schema makes of it (quoted text stays text).

    `style` is `"`, `'`, `|`, `>` or "" (plain); `source` the characters in the file from `line`, `column` on.
    """

    text: str
    value: bool | int | Decimal | str | None
    style: str
    source: str
    line: int
    column: int
    flow: bool = False

    def part(self, start: int, end: int) -> Place:
        """Where in the file the characters of `text` from offset `start` to `end` (exclusive) stand."""
        start = min(start, len(self.text))
        end = min(max(start, end), len(self.text))
        if self.source.startswith(self.text) and "\n" not in self.text[:end]:
            return Place(self.line, self.column + start, self.line, self.column + end)
        first, _ = _align(self.source, self.style, self.text, start)
        _, after = _align(self.source, self.style, self.text, end - 1) if end > start else (first, first)
        return Place(*self._of_source(first), *self._of_source(after))

    @property
    def place(self) -> Place:
        """All of it, with its quotes; of a block its lines."""
        return Place(self.line, self.column, *self._of_source(len(self.source.rstrip())))

    def _of_source(self, index: int) -> tuple[int, int]:
        """Line and column of a character of `source`."""
        before = self.source[:index]
        lines = before.count("\n")
        return self.line + lines, self.column + index if not lines else index - before.rindex("\n")


@dataclass(frozen=True, slots=True)
class List:
    """A list, in either notation."""

    items: tuple[Node, ...]
    place: Place

    @property
    def line(self) -> int:
        """The line in which it begins."""
        return self.place.line


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a map; keys are text, whatever they look like."""

    key: Scalar
    value: Node

    @property
    def place(self) -> Place:
        """From the key's first character to the value's last."""
        value = self.value.place
        end = (value.end_line, value.end_column)
        # An empty value may be said to stand anywhere after its colon.
        return Place(self.key.line, self.key.column, *(end if value[:2] != end else self.key.place[2:]))


@dataclass(frozen=True, slots=True)
class Map:
    """A map, in either notation, without its repeated keys (each is a finding already)."""

    entries: tuple[Entry, ...]
    place: Place

    @property
    def line(self) -> int:
        """The line in which it begins."""
        return self.place.line

    def get(self, key: str) -> Node | None:
        """The value under a key, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)

    def entry(self, key: str) -> Entry | None:
        """The key and its value, or None."""
        return next((entry for entry in self.entries if entry.key.text == key), None)


@dataclass(frozen=True, slots=True)
class UnreadableNode:
    """A place about which there is a finding already; nothing more is said about it."""

    place: Place

    @property
    def line(self) -> int:
        """The line in which it begins."""
        return self.place.line


Node = Scalar | List | Map | UnreadableNode


def place(node: Node) -> Place:
    """All of a node."""
    return node.place


def beginning(node: Node) -> Place:
    """Where a node begins, without extent: the place of what is missing in it."""
    return point(*node.place[:2])


def _align(source: str, style: str, text: str, offset: int) -> tuple[int, int]:
    """Where in `source` the character at `offset` of `text` begins, past escapes, folding, indentation and headers,
    and where what stands for it ends."""
    start = 0
    if style in ("'", '"'):
        start = 1
    elif style in ("|", ">"):
        start = source.find("\n") + 1
    index = start
    for at, length in _units(source, style, text, start):
        index = at
        if offset == 0:
            return min(index, len(source)), min(index + length, len(source))
        offset -= 1
        index = at + length
    return min(index, len(source)), min(index, len(source))


def _units(source: str, style: str, text: str, index: int) -> Iterator[tuple[int, int]]:
    """For each character of `text`: where it begins in `source`, and how many characters it takes there."""
    for character in text:
        if character.isspace() and not _escape(source, style, index):
            length = 1 if source[index : index + 1].isspace() else 0
        else:
            while source[index : index + 1].isspace() or source[index : index + 2] == "\\\n":
                index += 2 if source[index] == "\\" else 1
            length = _escape(source, style, index) or 1
        yield index, length
        index += length


def _escape(source: str, style: str, index: int) -> int:
    """Length of the escape sequence at `index`, 0 if there is none."""
    if style == "'":
        return 2 if source[index : index + 2] == "''" else 0
    if style == '"' and source[index : index + 1] == "\\" and source[index + 1 : index + 2] != "\n":
        return {"x": 4, "u": 6, "U": 10}.get(source[index + 1 : index + 2], 2)
    return 0

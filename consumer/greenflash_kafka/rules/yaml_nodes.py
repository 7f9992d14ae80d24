"""The tree that a mapping file's YAML becomes: values, with the line and column of each and of every character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

Place = tuple[int, int]
"""(line, column), both from 1."""


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

    def at(self, offset: int) -> Place:
        """Where in the file the character at this offset of `text` stands."""
        if self.source.startswith(self.text) and "\n" not in self.text[:offset]:
            return self.line, self.column + offset
        index = _align(self.source, self.style, self.text, offset)
        before = self.source[:index]
        lines = before.count("\n")
        return self.line + lines, self.column + index if not lines else index - before.rindex("\n")


@dataclass(frozen=True, slots=True)
class List:
    """A list, in either notation."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a map; keys are text, whatever they look like."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Map:
    """A map, in either notation, without its repeated keys (each is a finding already)."""

    entries: tuple[Entry, ...]
    line: int
    column: int

    def get(self, key: str) -> Node | None:
        """The value under a key, or None."""
        return next((entry.value for entry in self.entries if entry.key.text == key), None)

    def entry(self, key: str) -> Entry | None:
        """The key and its value, or None."""
        return next((entry for entry in self.entries if entry.key.text == key), None)


@dataclass(frozen=True, slots=True)
class UnreadableNode:
    """A place about which there is a finding already; nothing more is said about it."""

    line: int
    column: int


Node = Scalar | List | Map | UnreadableNode


def place(node: Node) -> Place:
    """The first character of a node."""
    return node.line, node.column


def _align(source: str, style: str, text: str, offset: int) -> int:
    """Index in `source` of the character at `offset` of `text`, past escapes, folding, indentation and headers."""
    start = 0
    if style in ("'", '"'):
        start = 1
    elif style in ("|", ">"):
        start = source.find("\n") + 1
    index = start
    for at, length in _units(source, style, text, start):
        index = at
        if offset == 0:
            return min(index, len(source))
        offset -= 1
        index = at + length
    return min(index, len(source))


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

"""Findings about the text of a YAML file, the stop of its parser, and the rows of the table of broken shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from greenflash_kafka.documents.yaml_nodes import Place


class Mistake(NamedTuple):
    """A finding about the text of a file."""

    place: Place
    code: str
    message: str
    hint: str = ""


class SyntaxStop(NamedTuple):
    """Why and where the parser stopped; lines and columns count from 0.

    `began` is where the construct begins that it was reading, None if it names none; `reading` names the construct.
    `quote` is where the text in quotes begins that was read last, if it has several lines and ends in this one.
    """

    problem: str
    line: int
    column: int
    began: tuple[int, int] | None = None
    reading: str = ""
    quote: tuple[int, int] | None = None


class Shape(NamedTuple):
    """A row of the table: part of the parser's words ("" for any), and what recognises the shape in the lines."""

    problem: str
    recognise: Callable[[SyntaxStop, list[str]], Mistake | None]


def line_place(line: int, start: int, end: int) -> Place:
    """A stretch of one line; line and columns count from 0."""
    return Place(line + 1, start + 1, line + 1, end + 1)


def whole_line(lines: list[str], number: int) -> Place:
    """A line without its indentation; `number` counts from 0."""
    line = lines[number]
    return line_place(number, indent(line), len(line.rstrip()))


def indent(line: str) -> int:
    """The number of spaces that a line begins with."""
    return len(line) - len(line.lstrip(" "))


def spaces(number: int) -> str:
    """`1 space`, `2 spaces`."""
    return f"{number} space" if number == 1 else f"{number} spaces"


def line_above(lines: list[str], number: int) -> int | None:
    """The nearest line above that isn't empty."""
    return next((each for each in range(number - 1, -1, -1) if lines[each].strip()), None)

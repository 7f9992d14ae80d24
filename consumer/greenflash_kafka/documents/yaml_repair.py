"""Repair of expressions that YAML cannot parse, so that a finding can show the line with correct quoting.

A repair puts a stand-in of the same length into the text (one character of Unicode's private area, repeated), so
that the rest of the file can be read and nothing moves: one mistake doesn't mask the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

STAND_IN: Final = 0xE000
"""First character of the private area; the n-th repair uses the n-th after it."""

MAX_REPAIRS: Final = 25
"""After so many the rest of the file isn't read."""

_START: Final = re.compile(
    r"(?:^\s*|[-{\[,:?]\s+|[{\[])(?P<value>[=$])|(?:^|[\s{,])(?:where|each): +(?P<bare>[^\s#|>])"
)
_VALUE: Final = re.compile(r"^(?P<before>\s*(?:- +)*[\w.\[\]-]+: +)(?P<value>\S.*)$")
_KEY: Final = re.compile(r"[{,]\s*(?P<key>[^\s\[\]{},:\"']+(?:\[(?:-?\d+|\"[^\"]*\"|'[^']*')\][^\s\[\]{},:\"']*)+)\s*:")

_GLUED: Final = re.compile(
    r"^(?P<lead>\s*(?:- +)*)(?P<key>[A-Za-z_][\w.]*)(?:(?P<colon>:)(?!//)|[ ]+)(?P<value>[^\s:#][^:]*|[$\"'\[{].*)$"
)
"""`key:value`, and `key value`."""

_BARE: Final = re.compile(r"^(?P<lead>\s*)(?P<key>[A-Za-z_]\w*)\s*$")
"""`key`, above lines that belong to it."""

INDICATORS: Final = frozenset("\"'[{&*!%@`|>")
"""Characters that mean something to YAML when a value begins with them."""

_OPEN: Final = {"(": ")", "[": "]", "{": "}"}
_CLOSE: Final = frozenset(")]}")


@dataclass(frozen=True, slots=True)
class Repair:
    """A stretch of one line, and what it should have been read as; None: it can't be read, say nothing more of it."""

    line: int
    start: int
    end: int
    text: str | None


def stand_in(number: int, repair: Repair) -> str:
    """What stands in the file instead of the repaired stretch."""
    return chr(STAND_IN + number) * (repair.end - repair.start)


def number_of(text: str) -> int | None:
    """Which repair a scalar stands for, or None."""
    number = ord(text[0]) - STAND_IN if text else -1
    return number if 0 <= number < MAX_REPAIRS and text == text[0] * len(text) else None


def closed(expression: str) -> bool:
    """Whether every quote and bracket of an expression is closed; if not, YAML has cut it."""
    return _scan(expression, 0, flow=False, comments=False)[1]


def extent(line: str, start: int, *, flow: bool) -> int:
    """Where the expression that begins at `start` was meant to end: at a comment, or in `{ }` at the next comma."""
    end, _ = _scan(line, start, flow=flow, comments=True)
    return start + len(line[start:end].rstrip())


def expression_on(line: str, number: int, *, around: int | None) -> Repair | None:
    """The first expression on a line that YAML can't take as it stands; `number` is the line's, from 0.

    `around` is the column (from 0) at which YAML stumbled, if it was on this line.
    """
    for match in _START.finditer(line):
        start = match.start("value") if match["value"] else match.start("bare")
        if _is_quoted(line, start):
            continue
        flow = _in_flow(line, start)
        end = extent(line, start, flow=flow)
        if start < end and _trips(line[start:end], flow=flow) and (around is None or start <= around <= end + 1):
            return Repair(number, start, end, line[start:end])
    return None


def text_on(line: str, number: int) -> Repair | None:
    """The text of `key: text` where the text itself holds `: `."""
    match = _VALUE.match(line)
    if match is None or ": " not in match["value"] or match["value"][0] in INDICATORS:
        return None
    end = extent(line, match.start("value"), flow=False)
    if end <= match.start("value"):
        return None
    return Repair(number, match.start("value"), end, line[match.start("value") : end])


def key_on(line: str, number: int, around: int) -> Repair | None:
    """The path in front of a `:` inside `{ }` whose brackets YAML stumbled over."""
    for match in _KEY.finditer(line):
        if match.start("key") <= around <= match.end("key") and _in_flow(line, match.start("key")):
            return Repair(number, match.start("key"), match.end("key"), match["key"])
    return None


@dataclass(frozen=True, slots=True)
class Fix:
    """A slip of one line that makes YAML stumble over the next: where it is, what it is, and the line without it."""

    line: int
    column: int
    end: int
    said: str
    text: str


def slip_on(lines: list[str], number: int) -> Fix | None:
    """A key on this line whose colon, or the blank after it, was forgotten."""
    line = lines[number]
    match = _GLUED.match(line)
    if match is not None:
        lead, key, value = match["lead"], match["key"], match["value"]
        shown = value if len(value) <= 40 else f"{value[:40]}..."
        said = f"`{key}` has no {'blank after its colon' if match['colon'] else 'colon'}: {key}: {shown}"
        return Fix(number, len(lead), len(lead) + len(key), said, f"{lead}{key}: {value}")
    bare = _BARE.match(line)
    if bare is None:
        return None
    said = f"`{bare['key']}` has no colon: {bare['key']}:"
    return Fix(number, bare.start("key"), bare.end("key"), said, f"{line.rstrip()}:")


def slip_before(lines: list[str], number: int) -> Fix | None:
    """What is wrong with the line before the one at which YAML says that a key can't stand there, if it is a slip."""
    before = next((each for each in range(number - 1, -1, -1) if lines[each].strip()), None)
    if before is None:
        return None
    line, here = lines[before], lines[number]
    if _VALUE.match(line) is None or _VALUE.match(here) is None:
        return slip_on(lines, before)
    above, below = _indent(line), _indent(here)
    if above >= below or line.lstrip().startswith("- "):
        return None
    after = next((each for each in lines[number + 1 :] if each.strip()), "")
    odd, right = (number, above) if after and _indent(after) == above else (before, below)
    said = f"this line begins after {_indent(lines[odd])} blanks, and the lines around it after {right}"
    return Fix(odd, _indent(lines[odd]), len(lines[odd].rstrip()), said, " " * right + lines[odd].lstrip())


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def unreadable(line: str, number: int, column: int) -> Repair:
    """Give a line up: its value if it looks like `key: value`, else from `column` on, else all of it."""
    match = _VALUE.match(line)
    if match is not None:
        return Repair(number, match.start("value"), len(line), None)
    indent = len(line) - len(line.lstrip())
    return Repair(number, column if indent < column < len(line) else 0, len(line), None)


def quoted(text: str) -> str:
    """The text as a YAML scalar in quotes, as a person would write it."""
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def quoted_line(line: str, repairs: Iterable[Repair]) -> str:
    """The whole line as it must be written."""
    for repair in sorted(repairs, key=lambda one: -one.start):
        line = f"{line[: repair.start]}{quoted(line[repair.start : repair.end])}{line[repair.end :]}"
    return line.strip()


def _trips(text: str, *, flow: bool) -> bool:
    if ": " in text or " #" in text or text.endswith(":") or text[0] in INDICATORS:
        return True
    return flow and any(character in text for character in ",[]{}")


def _scan(text: str, start: int, *, flow: bool, comments: bool) -> tuple[int, bool]:
    """Walk over an expression: where it ends, and whether its quotes and brackets are all closed there."""
    expected: list[str] = []
    quote = ""
    index = start
    while index < len(text):
        character = text[index]
        if quote:
            if character == "\\":
                index += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character in _OPEN:
            expected.append(_OPEN[character])
        elif expected and character == expected[-1]:
            expected.pop()
        elif flow and not expected and character in ",}]":
            return index, True
        elif character in _CLOSE and not flow:
            pass
        elif comments and not expected and character == "#" and text[index - 1 : index] in (" ", "\t"):
            return index, True
        index += 1
    return len(text), not expected and not quote


def _in_flow(line: str, start: int) -> bool:
    """Whether `{` or `[` is open at this point of the line."""
    before = re.sub(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", "", line[:start])
    return before.count("{") + before.count("[") > before.count("}") + before.count("]")


def _is_quoted(line: str, start: int) -> bool:
    """Whether the point is inside a quoted YAML scalar or a comment."""
    before = re.sub(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", "", line[:start])
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1 or " #" in before or before.startswith("#")

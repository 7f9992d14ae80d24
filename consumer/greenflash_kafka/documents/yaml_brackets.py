"""Shapes of brackets and quotes that aren't closed, close nothing, or stand inside each other."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.documents.yaml_mistakes import Mistake, Shape, SyntaxStop, line_above, line_place

_PAIRS: Final = {"[": "]", "{": "}"}
_QUOTED_VALUE: Final = re.compile(
    r"^(?P<lead>\s*(?:- +)*[^\s:\"'][^:\"']*: +)(?P<value>(?P<quote>[\"']).*(?P=quote))\s*$"
)
_JSON_LINE: Final = re.compile(r"^(?P<line>\s*(?:- +)?(?P<key>\"[^\"]+\"|[\w.]+)\s*:\s*[^,]+(?:,[^,]+)*?)\s*,\s*$")


def _nested_quotes(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A text in quotes that holds quotes of the same kind."""
    match = _QUOTED_VALUE.match(lines[stop.line])
    if match is None or match.end("value") <= stop.column - 1:
        return None
    inner, quote = match["value"][1:-1], match["quote"]
    other = "'" if quote == '"' else '"'
    if not inner or quote not in inner:
        return None
    text = f"{other}{inner}{other}" if other not in inner and "\\" not in inner else _single(inner)
    said = f"the text ends at the second {quote}, inside it"
    shown = f"{match['lead']}{text}".strip()
    return Mistake(line_place(stop.line, *match.span("value")), "yaml-quoting", said, shown)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quote_never_closed(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A quote that nothing closes, to the end of the file."""
    if stop.began is None or "quoted" not in stop.reading:
        return None
    line, column = stop.began
    text = lines[line].rstrip()
    said = "the quote that opens here is never closed"
    return Mistake(line_place(line, column, len(text)), "bad-yaml", said, _closed_before_brackets(text, column))


def _closed_before_brackets(text: str, column: int) -> str:
    """The line with its last quote closed, before the brackets that close what stands before the quote."""
    end = len(text)
    open_before = text[:column].count("{") + text[:column].count("[")
    while open_before and text[end - 1] in "]}":
        end, open_before = end - 1, open_before - 1
    return f"{text[:end]}{text[column]}{text[end:]}".strip()


def _unknown_escape(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A backslash in double quotes, as in a regular expression."""
    if stop.began is None or stop.began[0] >= len(lines):
        return None
    number, start = stop.began
    line = lines[number]
    match = re.compile(r'"((?:\\.|[^"\\])*)"').match(line, start)
    if match is None:
        return None
    said = "in double quotes a backslash begins an escape, and this one is unknown: use single quotes"
    shown = f"{line[:start]}{_single(match[1])}{line[match.end() :]}".strip()
    return Mistake(line_place(number, *match.span()), "yaml-quoting", said, shown)


def _comma_of_json(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A comma at the end of a line outside of brackets."""
    line = lines[stop.line]
    match = _JSON_LINE.match(line)
    if match is None or stop.column < match.end("line"):
        return None
    said = "a line of YAML doesn't end with a comma, unless it stands inside { } or [ ]"
    column = line.rindex(",")
    return Mistake(line_place(stop.line, column, column + 1), "bad-yaml", said, match["line"].strip())


def _closes_nothing(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A closing bracket too many."""
    line = lines[stop.line]
    sign = line[stop.column : stop.column + 1]
    if sign not in ("]", "}"):
        return None
    shown = f"{line[: stop.column]}{line[stop.column + 1 :]}".strip()
    place = line_place(stop.line, stop.column, stop.column + 1)
    return Mistake(place, "bad-yaml", f"this {sign} closes no bracket", shown)


def _never_closed(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A bracket that its line leaves open, or a comma that is missing between lines in brackets."""
    if stop.began is None or "flow" not in stop.reading:
        return None
    line, column = stop.began
    text = lines[line]
    shown = _closed(text)
    once = f"{text[:column]}{text[column + 1 :]}"
    if text[column + 1 : column + 2] == text[column] and _closed(once) == once:
        said = f"there is one {text[column]} too many"
        return Mistake(line_place(line, column, column + 1), "bad-yaml", said, once.strip())
    rest = "\n".join([text[column:], *lines[line + 1 :]]).rstrip()
    if shown != text and _closed(rest) != rest:
        said = f"the {text[column]} that opens here isn't closed"
        return Mistake(line_place(line, column, len(text.rstrip())), "bad-yaml", said, shown.strip())
    above = line_above(lines, stop.line)
    if stop.line == line or above is None or lines[above].rstrip().endswith((",", "{", "[")):
        return None
    before = lines[above].rstrip()
    place = line_place(above, len(before), len(before))
    return Mistake(place, "bad-yaml", "a comma is missing at the end of this line", f"{before.strip()},")


def _closed(line: str) -> str:
    """The line with a bracket for each that it leaves open, where the next closing one or the line's end is."""
    expected: list[str] = []
    done = ""
    quote = ""
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and line[index - 1 : index] in (" ", "[", "{", ","):
            quote = character
        elif character in _PAIRS:
            expected.append(_PAIRS[character])
        elif character in "]}" and character in expected:
            while expected.pop() != character:
                done += "}" if character == "]" else "]"
        elif character in "]}" and expected:
            done += expected.pop()
            continue
        elif character == "#" and line[index - 1 : index] == " ":
            return f"{done.rstrip()}{''.join(reversed(expected))} {line[index:]}"
        done += character
    return done.rstrip() + "".join(reversed(expected))


SHAPES: Final = (
    Shape("unknown escape", _unknown_escape),
    Shape("but found '<scalar>'", _nested_quotes),
    Shape("unexpected end of stream", _quote_never_closed),
    Shape("but found ','", _comma_of_json),
    Shape("but found '}'", _closes_nothing),
    Shape("but found ']'", _closes_nothing),
    Shape("expected ','", _never_closed),
)
"""In the order in which they are tried."""

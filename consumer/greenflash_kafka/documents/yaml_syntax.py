"""Shapes of broken YAML: each is recognised by its line, and reported with the line as it must be written.

The parser stops at the first thing that it can't read, and names it in its own words. `SHAPES` is a table of what
people write there: the first row that recognises it gives the finding. Nothing is repaired and read again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from ruamel.yaml.events import (
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from greenflash_kafka.documents import yaml_brackets, yaml_layout, yaml_signs
from greenflash_kafka.documents.yaml_mistakes import Mistake, Shape, SyntaxStop, indent, line_above, line_place, spaces

_START: Final = re.compile(
    r"(?:^\s*|[-{\[,:?]\s+|[{\[])(?P<value>[=$])|(?:^|[\s{,])(?:where|each): +(?P<bare>[^\s#|>])"
)
_VALUE: Final = re.compile(r"^\s*(?:- +)*[\w.\[\]-]+: +(?P<value>\S.*)$")
_KEY: Final = re.compile(r"[{,]\s*(?P<key>[^\s\[\]{},:\"']+(?:\[(?:-?\d+|\"[^\"]*\"|'[^']*')\][^\s\[\]{},:\"']*)+)\s*:")

_GLUED: Final = re.compile(
    r"^\s*(?:- +)*(?P<key>[A-Za-z_][\w.]*)(?:(?P<colon>:)(?!//)|[ ]+)(?P<value>[^\s:#][^:]*|[$\"'\[{].*)$"
)
"""`key:value`, and `key value`."""

_EXPRESSION: Final = re.compile(r"=\s+(?:payload|item|kafka|tables|envelope|index|conversation)\b|=.*\(")
"""What is an expression after a key, and not `key = text`."""

_BARE: Final = re.compile(r"^\s*(?P<key>[A-Za-z_]\w*)\s*$")
"""`key`, above lines that belong to it."""

_QUOTED: Final = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'")

_INDICATORS: Final = frozenset("\"'[{&*!%@`|>")
"""Characters that mean something to YAML when a value begins with them."""

_OPEN: Final = {"(": ")", "[": "]", "{": "}"}


class _Span(NamedTuple):
    """A part of a line: an expression, a text or a path that YAML doesn't take unless it is quoted."""

    start: int
    end: int


def syntax_mistake(stop: SyntaxStop, lines: list[str]) -> Mistake:
    """The finding about what the parser stopped at: by the first shape that fits, else in the parser's words."""
    for shape in SHAPES:
        if shape.problem in stop.problem:
            mistake = shape.recognise(stop, lines)
            if mistake is not None:
                return mistake
    return _in_the_parsers_words(stop, lines)


def cut_expression(events: Iterable[Event], lines: list[str]) -> Mistake | None:
    """The first expression that YAML cut without an error: at ` #`, or at a comma inside `{ }`."""
    flows: list[bool] = []
    text = ""
    for event in events:
        before, text = text, event.value if isinstance(event, ScalarEvent) and not event.style else ""
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            flows.append(bool(event.flow_style))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            flows.pop()
        elif text.startswith("=") or (text and before in ("where", "each")):
            start, end = event.start_mark, event.end_mark
            if start.line != end.line or _scan(text, 0, flow=False, comments=False)[1]:
                continue
            until = _extent(lines[start.line], start.column, flow=any(flows))
            if until > end.column:
                return _must_be_quoted(lines, start.line, _Span(start.column, until))
    return None


def _key_without_colon(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """The key that the parser was reading when it missed a colon."""
    return None if stop.began is None else _slip_on(lines, stop.began[0])


def _slip_above(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A line above which is indented wrongly, or has no colon, so that a key can't follow it."""
    here = lines[stop.line]
    if ": " in here[: stop.column]:
        # It is this line's own second `: `.
        return None
    before = line_above(lines, stop.line)
    if before is None:
        return None
    line = lines[before]
    if _VALUE.match(line) is None or _VALUE.match(here) is None:
        return _slip_on(lines, before)
    above, below = indent(line), indent(here)
    if above >= below or line.lstrip().startswith("- "):
        return None
    after = next((each for each in lines[stop.line + 1 :] if each.strip()), "")
    odd, right = (stop.line, above) if after and indent(after) == above else (before, below)
    said = f"this line begins after {spaces(indent(lines[odd]))}, and the lines around it after {right}"
    return Mistake(line_place(odd, indent(lines[odd]), len(lines[odd].rstrip())), "bad-yaml", said)


def _slip_on(lines: list[str], number: int) -> Mistake | None:
    """A key on this line whose colon, or the space after it, was forgotten."""
    line = lines[number]
    match = _GLUED.match(line)
    if match is not None:
        key, value = match["key"], match["value"]
        if not match["colon"] and not _EXPRESSION.match(value):
            value = value.lstrip("=>: ")
        shown = value if len(value) <= 40 else f"{value[:40]}..."
        said = f"`{key}` has no {'space after its colon' if match['colon'] else 'colon'}: {key}: {shown}"
    else:
        match = _BARE.match(line)
        if match is None:
            return None
        said = f"`{match['key']}` has no colon: {match['key']}:"
    return Mistake(line_place(number, *match.span("key")), "bad-yaml", said)


def _quote_left_open(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A quote that isn't closed in its line, so that the next one, lines below, closes it."""
    if stop.quote is None:
        return None
    line, column = stop.quote
    said = f"the quote that opens here is closed only in line {stop.line + 1}"
    return Mistake(line_place(line, column, len(lines[line].rstrip())), "bad-yaml", said, "close it in its own line")


def _expression_here(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """An expression around the place."""
    around = (span for span in _expressions(lines[stop.line]) if span.start <= stop.column <= span.end + 1)
    return _first(around, lines, stop.line)


def _path_here(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """The path around the place: a key in `{ }` whose brackets YAML takes for its own."""
    around = (span for span in _paths(lines[stop.line]) if span.start <= stop.column <= span.end)
    return _first(around, lines, stop.line)


def _text_with_a_colon(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """The text of `key: text` where the text itself holds `: `."""
    line = lines[stop.line]
    match = _VALUE.match(line)
    if match is None or ": " not in match["value"] or match["value"][0] in _INDICATORS:
        return None
    start = match.start("value")
    end = _extent(line, start, flow=False)
    return _must_be_quoted(lines, stop.line, _Span(start, end)) if end > start else None


def _expression_above(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """An expression in the line above."""
    return _first(_expressions(lines[stop.line - 1]), lines, stop.line - 1) if stop.line else None


def _expression_where_it_began(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """An expression in the line in which the construct begins."""
    return _first(_expressions(lines[stop.began[0]]), lines, stop.began[0]) if stop.began else None


SHAPES: Final = (
    *yaml_brackets.SHAPES,
    Shape("", _quote_left_open),
    *yaml_layout.SHAPES,
    *yaml_signs.SHAPES,
    Shape("could not find expected ':'", _key_without_colon),
    Shape("mapping values are not allowed", _slip_above),
    Shape("", _expression_here),
    Shape("", _path_here),
    Shape("mapping values are not allowed", _text_with_a_colon),
    Shape("", _expression_above),
    Shape("", _expression_where_it_began),
)
"""In the order in which they are tried."""


def _in_the_parsers_words(stop: SyntaxStop, lines: list[str]) -> Mistake:
    """What the parser says, where somebody can change it."""
    line, column = stop.line, stop.column
    if stop.began is not None and ("quoted" in stop.reading or "flow" in stop.reading):
        # What was never closed is wrong where it was opened, not where the file ended.
        line, column = stop.began
    while line > 0 and not lines[line].strip():
        line, column = line - 1, 0
    text = lines[line]
    match = _VALUE.match(text)
    to_the_end = column < len(text) and (match is None or match.start("value") <= column)
    until = max(len(text.rstrip()), column) if to_the_end else column
    doing = f" {stop.reading}" if stop.reading else ""
    return Mistake(line_place(line, column, until), "bad-yaml", f"{stop.problem}{doing}")


def _first(spans: Iterable[_Span], lines: list[str], number: int) -> Mistake | None:
    span = next(iter(spans), None)
    return None if span is None else _must_be_quoted(lines, number, span)


def _must_be_quoted(lines: list[str], number: int, span: _Span) -> Mistake:
    """The finding about a span; its hint is the line with this and its other spans in quotes."""
    line = lines[number]
    text = line[span.start : span.end]
    if ": " in text or text.endswith(":"):
        why = "YAML takes `: ` for the end of a key"
    elif " #" in text:
        why = "YAML takes ` #` for the start of a comment"
    elif text[0] in _INDICATORS:
        why = f"YAML has its own meaning for a leading `{text[0]}`"
    else:
        why = "inside `{ }` and `[ ]` YAML takes commas and brackets for its own"
    spans = [span]
    for other in (*_expressions(line), *_paths(line)):
        if all(other.end <= each.start or each.end <= other.start for each in spans):
            spans.append(other)
    for each in sorted(spans, reverse=True):
        line = f"{line[: each.start]}{_in_quotes(line[each.start : each.end])}{line[each.end :]}"
    place = line_place(number, span.start, span.end)
    return Mistake(place, "yaml-quoting", f"{why}: quote it whole", line.strip())


def _in_quotes(text: str) -> str:
    """The text as a YAML scalar in quotes, as a person would write it."""
    if "'" in text and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return "'" + text.replace("'", "''") + "'"


def _expressions(line: str) -> list[_Span]:
    """The expressions of a line that YAML can't take as they stand."""
    spans: list[_Span] = []
    for match in _START.finditer(line):
        start = match.start("value") if match["value"] else match.start("bare")
        if _is_quoted(line, start) or (spans and start < spans[-1].end):
            continue
        flow = _in_flow(line, start)
        end = _extent(line, start, flow=flow)
        if start < end and _trips(line[start:end], flow=flow):
            spans.append(_Span(start, end))
    return spans


def _paths(line: str) -> list[_Span]:
    """The keys in `{ }` that are paths with brackets."""
    found = (match.span("key") for match in _KEY.finditer(line))
    return [_Span(*span) for span in found if _in_flow(line, span[0]) and not _is_quoted(line, span[0])]


def _trips(text: str, *, flow: bool) -> bool:
    if ": " in text or " #" in text or text.endswith(":") or text[0] in _INDICATORS:
        return True
    return flow and any(character in text for character in ",[]{}")


def _extent(line: str, start: int, *, flow: bool) -> int:
    """Where the expression that begins at `start` was meant to end: at a comment, or in `{ }` at the next comma."""
    end, _ = _scan(line, start, flow=flow, comments=True)
    return start + len(line[start:end].rstrip())


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
        elif (flow and not expected and character in ",}]") or (
            comments and not expected and character == "#" and text[index - 1 : index] in (" ", "\t")
        ):
            return index, True
        index += 1
    return len(text), not expected and not quote


def _in_flow(line: str, start: int) -> bool:
    """Whether `{` or `[` is open at this point of the line."""
    before = _QUOTED.sub("", line[:start])
    return before.count("{") + before.count("[") > before.count("}") + before.count("]")


def _is_quoted(line: str, start: int) -> bool:
    """Whether the point is inside a quoted YAML scalar or a comment."""
    before = _QUOTED.sub("", line[:start])
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1 or " #" in before or before.startswith("#")

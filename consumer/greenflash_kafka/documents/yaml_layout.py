"""Shapes of broken layout: lines that begin at the wrong column, dashes, tabs, and comments of other languages."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.documents.yaml_mistakes import (
    Mistake,
    Shape,
    SyntaxStop,
    indent,
    line_above,
    line_place,
    spaces,
    whole_line,
)

_ITEM: Final = re.compile(r"(?P<dash>\s*- +)(?P<key>[\w.\"]+)(?=\s*:)")
_NO_SPACE: Final = re.compile(r"(?P<lead>\s*)-(?P<rest>[A-Za-z_]\w*\s*:(?:\s.*|$))")
_GLUED_ITEM: Final = re.compile(r"\s*-(?P<rest>[A-Za-z_\"'/][^:]*)")
_COMMENT: Final = re.compile(r"\s*(?P<sign>--(?!-)|//|/\*+|<!--|REM\b|;)\s*(?P<words>.*?)\s*(?:\*+/|-->)?\s*")
_NAME: Final = re.compile(r"\s*(?:- +)?(?P<key>[^\s:#]+)\s*:")
_AND: Final = re.compile(r"\s*[,;]\s+|\s+(?:and|AND|&&)\s+|\s{2,}(?=[\w.]+: )")
_FIELD: Final = re.compile(r"[\w.]+: +[^\s\"'][^\s:]*|[\w.]+: +\"[^\"]*\"|[\w.]+: +'[^']*'")
_OPENS: Final = re.compile(r"\s*[\w.]+:\s*(?:#.*)?")


def _foreign_comment(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A comment of SQL, JavaScript, XML or DOS on a line of its own, near the place."""
    began = stop.began[0] if stop.began is not None else stop.line
    for number in dict.fromkeys((began, line_above(lines, stop.line), stop.line)):
        match = _COMMENT.fullmatch(lines[number]) if number is not None else None
        if number is not None and match is not None:
            said = f"a comment begins with #, not with {match['sign']}"
            return Mistake(whole_line(lines, number), "bad-yaml", said, f"# {match['words']}".rstrip())
    return None


def _dash_without_space(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """`-name: x`."""
    began = stop.began[0] if stop.began is not None else stop.line
    for number in dict.fromkeys((stop.line, line_above(lines, stop.line), began)):
        match = _NO_SPACE.fullmatch(lines[number]) if number is not None else None
        if number is not None and match is not None:
            shown = f"- {match['rest'].strip()}"
            return Mistake(whole_line(lines, number), "bad-yaml", "a space is missing after the dash", shown)
    return None


def _glued_items(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """Lines `-a`, `-b` of a list, below its key."""
    began = stop.began[0] if stop.began is not None else stop.line
    number = next((each for each in (began, stop.line) if _GLUED_ITEM.fullmatch(lines[each])), None)
    if number is None:
        return None
    above = line_above(lines, number)
    while above is not None and _GLUED_ITEM.fullmatch(lines[above]):
        number, above = above, line_above(lines, above)
    match = _GLUED_ITEM.fullmatch(lines[number])
    if match is None or above is None or _OPENS.fullmatch(lines[above]) is None:
        return None
    said = "a space is missing after the dash"
    return Mistake(whole_line(lines, number), "bad-yaml", said, f"- {match['rest'].strip()}")


def _tab(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A tab that indents, or stands behind a colon."""
    line = lines[stop.line]
    column = line.find("\t")
    if column < 0:
        return None
    place = line_place(stop.line, column, column + 1)
    if line[:column].strip():
        return Mistake(place, "bad-yaml", "a tab stands here", " ".join(line.split()))
    above = line_above(lines, stop.line)
    wanted = 0 if above is None else _content(lines[above]) + 2 * (_OPENS.fullmatch(lines[above]) is not None)
    said = "the line begins with a tab; YAML is indented with spaces"
    return Mistake(place, "bad-yaml", said, f"begin the line with {spaces(wanted)}" if wanted else "indent with spaces")


def _content(line: str) -> int:
    """The column of a line's key, past its dashes."""
    match = _ITEM.match(line)
    return match.end("dash") if match is not None else indent(line)


def _dash_among_keys(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A dash before the first line of a map."""
    here = lines[stop.line]
    above = line_above(lines, stop.line)
    while above is not None and indent(lines[above]) >= indent(here):
        line = lines[above]
        if indent(line) == indent(here) and line.lstrip().startswith("- "):
            said = f"a line with a dash and lines without one can't stand side by side{_below(lines, above)}"
            shown = line.strip().removeprefix("- ").strip()
            return Mistake(whole_line(lines, above), "bad-yaml", said, f"take the dash away: {shown}")
        above = line_above(lines, above)
    return None


def _below(lines: list[str], number: int) -> str:
    above = line_above(lines, number)
    while above is not None and indent(lines[above]) >= indent(lines[number]):
        above = line_above(lines, above)
    match = _NAME.match(lines[above]) if above is not None else None
    return f" below `{match['key']}`" if match is not None else ""


def _item_off(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """An item that begins at another column than those of the list above it."""
    here = lines[stop.line]
    if not here.lstrip().startswith("- "):
        return None
    dashes = [number for number in range(stop.line) if lines[number].lstrip().startswith("- ")]
    if not dashes:
        return None
    nearest = min(reversed(dashes), key=lambda number: abs(indent(lines[number]) - indent(here)))
    before, wanted = indent(here), indent(lines[nearest])
    if before == wanted:
        return None
    said = f"this item begins after {spaces(before)}, and the item in line {nearest + 1} after {spaces(wanted)}"
    verb = f"add {spaces(wanted - before)} to" if wanted > before else f"take {spaces(before - wanted)} from"
    return Mistake(whole_line(lines, stop.line), "bad-yaml", said, f"{verb} this line and those of its item")


def _deeper_than_the_item(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A key below `- name: x` that begins right of `name`."""
    above, here = line_above(lines, stop.line), lines[stop.line]
    match = _ITEM.match(lines[above]) if above is not None else None
    if above is None or match is None or indent(here) <= match.end("dash") or ": " in here[: stop.column]:
        return None
    return _off(lines, stop.line, above, match.end("dash"))


def _off_all_levels(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A line that begins at a column where no line above begins."""
    here, above = lines[stop.line], line_above(lines, stop.line)
    levels: dict[int, int] = {}
    lowest = len(here)
    while above is not None:
        line = lines[above]
        match = _ITEM.match(line)
        if match is not None and match.end("dash") <= lowest:
            levels.setdefault(match.end("dash"), above)
        if indent(line) <= lowest and not line.lstrip().startswith(("#", "- ")):
            levels.setdefault(indent(line), above)
        lowest = min(lowest, max(indent(line), indent(here)))
        above = line_above(lines, above) if indent(line) else None
    column = indent(here)
    if column in levels or not levels:
        return None
    opens = _OPENS.fullmatch(here) is not None
    wanted = min(levels, key=lambda level: (abs(level - column), level if opens else -level))
    return _off(lines, stop.line, levels[wanted], wanted)


def _off(lines: list[str], number: int, other: int, wanted: int) -> Mistake:
    match = _NAME.match(lines[other])
    name = f"`{match['key']}`" if match is not None else "the line"
    said = f"this line begins after {spaces(indent(lines[number]))}, and {name} in line {other + 1} after {wanted}"
    return Mistake(whole_line(lines, number), "bad-yaml", said, f"begin it with {spaces(wanted)}")


def _fields_in_one_line(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """`type: order.paid, status: paid`."""
    line = lines[stop.line]
    parts = [match for each in _AND.split(line.strip()) if (match := _FIELD.fullmatch(each)) is not None]
    if len(parts) < 2 or len(parts) < len(_AND.split(line.strip())):
        return None
    shown = " / ".join(match[0].strip() for match in parts)
    said = "YAML takes one `key: value` a line"
    return Mistake(whole_line(lines, stop.line), "bad-yaml", said, f"{len(parts)} lines: {shown}")


SHAPES: Final = (
    Shape("mapping values are not allowed", _fields_in_one_line),
    Shape("\\t", _tab),
    Shape("", _foreign_comment),
    Shape("", _dash_without_space),
    Shape("could not find expected ':'", _glued_items),
    Shape("but found '?'", _dash_among_keys),
    Shape("mapping values are not allowed", _deeper_than_the_item),
    Shape("but found '-'", _item_off),
    Shape("block sequence start", _item_off),
    Shape("block mapping start", _off_all_levels),
)
"""In the order in which they are tried."""

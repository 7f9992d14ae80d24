"""Text that isn't YAML at all, or not only: merge conflicts, Markdown, XML, CSV, and characters that nobody can see."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from greenflash_kafka.documents.yaml_mistakes import Mistake, indent, line_above, line_place

INVISIBLE: Final = re.compile(
    "[\u00a0\u00ad\u034f\u061c\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufeff]"
)
"""Characters that look like a space, or like nothing."""

_FOREIGN_LINE: Final = re.compile(r"^(?:(?P<conflict><{7}|>{7}|={7}|\|{7})(?:[ \n]|\Z)|(?P<fence>```|~~~))", re.M)
_MARKUP: Final = re.compile(r"\s*<[?!A-Za-z]")
_CSV: Final = re.compile(r"[^\s:#{\[\"'-][^:#{\[]*[,;\t][^:#{\[]*")
_KEY: Final = re.compile(r"^\s*(?:- +)*(?P<key>[^\s\"'#:{\[][^:#\"'{]*:)(?:\s|$)")


def foreign_mistake(text: str, lines: list[str]) -> Mistake | None:
    """The finding about a file that holds something else than YAML; None for nearly every file."""
    match = _FOREIGN_LINE.search(text)
    if match is not None:
        number = text.count("\n", 0, match.start())
        return _conflict(lines, number) if match["conflict"] else _fence(lines, number)
    if _MARKUP.match(text):
        return _other_file(lines, "XML or HTML")
    first = next((line for line in lines if line.strip() and not line.startswith("#")), "")
    if _CSV.fullmatch(first.rstrip()) and sum(bool(line.strip()) for line in lines) > 1:
        return _other_file(lines, "CSV", "a table's file is named in a mapping: tables: {plans: {file: plans.csv}}")
    return None if text.isascii() else _invisible_layout(text, lines)


def character_words(character: str) -> str:
    """An invisible character for a finding: `U+00A0 (no-break space)`."""
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'a control character').lower()})"


def _conflict(lines: list[str], number: int) -> Mistake:
    place = line_place(number, 0, len(lines[number].rstrip()))
    said = "a merge conflict of git isn't resolved here"
    hint = "keep the lines of one side, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>"
    return Mistake(place, "bad-yaml", said, hint)


def _fence(lines: list[str], number: int) -> Mistake:
    place = line_place(number, 0, len(lines[number].rstrip()))
    return Mistake(place, "bad-yaml", "this line is Markdown, not YAML", "delete the lines that begin with ```")


def _other_file(lines: list[str], kind: str, hint: str = "a file of YAML begins with version: 1") -> Mistake:
    number = next(number for number, line in enumerate(lines) if line.strip() and not line.startswith("#"))
    return Mistake(
        line_place(number, 0, len(lines[number].rstrip())), "bad-yaml", f"this file is {kind}, not YAML", hint
    )


def _invisible_layout(text: str, lines: list[str]) -> Mistake | None:
    """The first invisible character in an indentation, in a key, or behind a key's colon."""
    for match in INVISIBLE.finditer(text):
        number = text.count("\n", 0, match.start())
        column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
        line = lines[number]
        visible = INVISIBLE.sub("", line[:column]).strip()
        key = _KEY.match(line)
        spoils = not visible or (key is not None and key.start("key") <= column <= key.end("key"))
        if (
            not spoils
            or line.lstrip().startswith("#")
            or not INVISIBLE.sub("", line).strip()
            or _in_text(lines, number)
        ):
            continue
        said = f"an invisible character stands here: {character_words(match[0])}"
        gap = match[0].isspace() and (not visible or column == (key.end("key") if key else -1))
        hint = "type a space in its place" if gap or match[0] == "\u00a0" else "delete it, or type the line anew"
        return Mistake(line_place(number, column, column + 1), "bad-yaml", said, hint)
    return None


def _in_text(lines: list[str], number: int) -> bool:
    """Whether a line belongs to a text in block notation (`|`, `>`)."""
    inner = indent(lines[number])
    above = line_above(lines, number)
    while above is not None:
        if indent(lines[above]) < inner:
            return re.search(r"(?:^|\s)[|>][-+0-9]*\s*$", lines[above]) is not None
        above = line_above(lines, above)
    return False

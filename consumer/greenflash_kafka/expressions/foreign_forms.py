"""Forms of other languages in expressions: what stands there, and the same as it is written here."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from greenflash_kafka.documents.foreign_text import INVISIBLE

Form = tuple[str, str | None]
"""What is wrong, and what to write."""

_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|\{\{\s*(.*?)\s*\}\}|\$\.(\w.*)|\$((?:payload|item|kafka)\b.*)|\$(\w+)")
_VALUE_BEGINS: Final = re.compile(r"[0-9\"']|(?:payload|item|kafka|tables|null|true|false)\b")
_NO_VALUES: Final = frozenset(
    ("if", "else", "or", "and", "not", "in", "for", "is", "like", "between", "case", "when", "then")
)
_UNIT: Final = re.compile(r"(seconds?|minutes?|hours?|days?|weeks?|months?|years?)\b", re.I)
_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "week": 604_800}
_PERCENT: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*%\s*(?:of\b.*)?$")
_PLAIN: Final = re.compile(r"\s*[\w.\[\]\"']+\s*")
_NAME_STEP: Final = re.compile(r"@?[\w-]+(?:\.[\w-]+)*")


def foreign_form(text: str, start: int, word: str, before: str) -> Form | None:
    """The form around the place where reading ended, before `word`; None if it is none that is known here."""
    for recognise in (_invisible, _comment, _variable, _sign_in_name, _lone_dot, _semicolon, _for, _unit, _grouped):
        form = recognise(text, start, word, before)
        if form is not None:
            return form
    return _missing_comma(text, start, before)


def inside_parentheses(text: str, opening: int) -> str:
    """What stands between a parenthesis and the one that closes it, or the end."""
    depth, quote = 0, ""
    for index in range(opening, len(text)):
        character = text[index]
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return text[opening + 1 : index].strip()
    return text[opening + 1 :].strip()


def percentage(text: str) -> Form | None:
    """A number with a percent sign at the end of the text."""
    match = _PERCENT.search(text)
    if match is None:
        return None
    right = f"{float(match['number']) / 100:g}"
    return "% is the remainder of a division, and no percentage", f"{text[: match.start()].strip()} {right}".strip()


def _invisible(text: str, start: int, word: str, before: str) -> Form | None:  # noqa: ARG001 - as the others
    if INVISIBLE.match(text, start) is None:
        return None
    name = unicodedata.name(text[start], "an invisible character").lower()
    right = INVISIBLE.sub(lambda match: " " if match[0].isspace() else "", text).strip()
    return f"an invisible character stands here: U+{ord(text[start]):04X} ({name})", right


def _comment(text: str, start: int, word: str, before: str) -> Form | None:  # noqa: ARG001 - as the others
    """A comment behind `//`, `/*` or `--`."""
    match = re.search(r"\s(?P<sign>//|/\*|--)\s*(?P<words>.*?)(?:\*/)?\s*$", text)
    if match is None or not match.start() <= start <= match.end("words") or match["words"][:1] in "\"'":
        return None
    comment = f"{text[: match.start()].strip()}  # {match['words'].strip()}"
    if match["sign"] == "//" and _PLAIN.fullmatch(match["words"]):
        return "there is no //", f"floor(a / b); a comment: {comment}"
    return f"a comment begins with #, not with {match['sign']}", comment


def _variable(text: str, start: int, word: str, before: str) -> Form | None:
    """`${NAME}`, `$name`, `{{ payload.x }}`."""
    if word != "$" and text[start : start + 2] != "{{":
        return None
    match = _VARIABLE.match(text, start)
    if match is None:
        return None
    if match[1]:
        said = "a variable of the environment is a whole value, without ="
        return said, f"${{{match[1]}}}"
    if match[5]:
        return "$ is not part of a name", _member(before, f"${match[5]}")
    right = match[2] or (f"payload.{match[3]}" if match[3] else match[4])
    return "a path begins with its root, and nothing stands around it", right


def _sign_in_name(text: str, start: int, word: str, before: str) -> Form | None:
    """`payload.@timestamp`, `@timestamp`."""
    match = _NAME_STEP.match(text, start) if word == "@" else None
    return ("a name with such a sign stands in quotes", _member(before, match[0])) if match is not None else None


def _member(before: str, name: str) -> str:
    found = re.search(r"([\w.\[\]\"']+)\.$", before)
    return f'{found[1] if found else "payload"}["{name}"]'


def _lone_dot(text: str, start: int, word: str, before: str) -> Form | None:  # noqa: ARG001 - as the others
    match = re.compile(r"\.([A-Za-z_][\w.]*)").match(text, start)
    if match is None or before[-1:].isalnum():
        return None
    return "a path begins with its root", f"payload.{match[1]}"


def _semicolon(text: str, start: int, word: str, before: str) -> Form | None:
    """`;` between arguments, as spreadsheets have it in Europe, or at the end, as SQL has it."""
    if word != ";":
        return None
    if not text[start + 1 :].strip():
        return "an expression ends without ;", before
    match = re.search(r"\b(?:IF|WENN|SI|IIF)\s*\(", text, re.I)
    if match is not None:
        condition, *values = [part.strip() for part in inside_parentheses(text, match.end() - 1).split(";")]
        if len(values) == 2:
            return (
                "there is no IF function, and arguments are separated by commas",
                f"{values[0]} if {condition} else {values[1]}",
            )
    return "arguments are separated by commas", re.sub(r"\s*;\s*", ", ", text).strip()


def _for(text: str, start: int, word: str, before: str) -> Form | None:  # noqa: ARG001 - as the others
    """`sum(x.price for x in list)`: a list without its brackets."""
    if word != "for" or "(" not in before:
        return None
    opening = before.rfind("(")
    inside = inside_parentheses(text, opening)
    right = f"{text[: opening + 1]}[{inside}]{text[opening + 1 :].replace(inside, '', 1)}".strip()
    return "a list that is made by for stands in [ ]", right


def _unit(text: str, start: int, word: str, before: str) -> Form | None:  # noqa: ARG001 - as the others
    """`30 days`."""
    match = _UNIT.match(text, start)
    number = re.search(r"(\d+)$", before)
    if match is None or number is None:
        return None
    unit = match[1].lower().rstrip("s")
    if unit in _SECONDS:
        return "a number has no unit here", f"seconds_between(a, b) > {int(number[1]) * _SECONDS[unit]}"
    days = int(number[1]) * {"month": 30, "year": 365}.get(unit, 1)
    return "a number has no unit here", f"days_between(a, b) > {days}"


def _grouped(text: str, start: int, word: str, before: str) -> Form | None:  # noqa: ARG001 - as the others
    """`1,2`, `1.000,00`, `1 000`, `1_000`."""
    match = re.search(r"(?<![\w.])\d+(?:[.,_ ']\d+)+", text)
    if match is None or not match.start() <= start <= match.end() or not (word[0].isdigit() or word in ",_'."):
        return None
    written = match[0]
    whole, _, fraction = written.rpartition(",")
    if whole and "(" not in text[: match.start()]:
        plain = f"{re.sub(r'[^0-9]', '', whole)}.{fraction}"
        right = f"{whole}{fraction}, or {plain}" if len(fraction) == 3 and whole.isdigit() else plain
    elif "," in written:
        return None
    else:
        right = re.sub(r"[^0-9]", "", written)
    return (
        "a number has a decimal point, and no separators",
        f"{text[: match.start()]}{right}{text[match.end() :]}".strip(),
    )


def _missing_comma(text: str, start: int, before: str) -> Form | None:
    """Two values side by side in parentheses or brackets."""
    inside = before.count("(") + before.count("[") > before.count(")") + before.count("]")
    ends = before[-1:].isalnum() or before[-1:] in "\"')]_"
    apart = text[start - 1 : start] in (" ", '"', "'")
    if not inside or not ends or not apart or _VALUE_BEGINS.match(text, start) is None:
        return None
    last = re.search(r"[A-Za-z_]\w*$", before)
    if last is not None and last[0].lower() in _NO_VALUES:
        return None
    return "a comma is missing between two values", f"{before}, {text[start:].strip()}".strip()

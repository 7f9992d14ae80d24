"""Shapes of values that begin with a sign which YAML keeps for itself: comparisons, wildcards, `@`, `%`, backticks."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.documents.yaml_mistakes import Mistake, Shape, SyntaxStop, line_place

_COMPARED: Final = re.compile(
    r"^(?P<lead>\s*(?:- +)*(?P<key>[^\s:][^:]*): +)(?P<sign>>=?|\|)\s*(?P<value>[^\s].*?)\s*$"
)
_IN_BRACES: Final = re.compile(r"\{\s*(?P<sign>>=?|<=?|<>|!=|==?)\s*:?\s*(?P<value>[^{}]*?)\s*\}")
_VALUE: Final = re.compile(r"^\s*(?:- +)*(?:[\"'][^\"']*[\"']|[^\s:@%`][^:]*): +(?P<value>[@%`*&].*?)\s*(?: #.*)?$")
_LAST_KEY: Final = re.compile(r"(?P<key>[^\s{,:][^{,:]*): *$")
_KEY: Final = re.compile(r"^(?P<lead>\s*(?:- +)*)(?P<key>[@%`][^\s:]*)(?P<rest>\s*:.*)$")

OPERATOR_OF: Final = {
    ">": "above",
    ">=": "at_least",
    "<": "below",
    "<=": "at_most",
    "!=": "not",
    "!==": "not",
    "<>": "not",
    "==": "",
    "=": "",
}
"""Operators of `when` by the sign that other languages have; "" is a literal by itself."""


def _compared(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """`cents: > 100`, which YAML takes for the beginning of a text."""
    number = stop.began[0] if stop.began is not None else stop.line
    match = _COMPARED.match(lines[number])
    if match is None:
        return None
    place = line_place(number, match.start("sign"), match.end("value"))
    if match["sign"] == "|":
        said = "YAML takes a leading | for a text that begins in the next line"
        return Mistake(place, "bad-yaml", said, f"{match['lead'].strip()} {match['value']}")
    said = f"YAML takes a leading > for a text; a comparison is written with {OPERATOR_OF[match['sign']]}"
    shown = f"{match['lead'].strip()} {{{OPERATOR_OF[match['sign']]}: {match['value']}}}"
    return Mistake(place, "bad-yaml", said, shown)


def _compared_in_braces(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """`{>=: 100}`."""
    line = lines[stop.line]
    match = next((each for each in _IN_BRACES.finditer(line) if each.start() <= stop.column <= each.end()), None)
    if match is None:
        return None
    operator = OPERATOR_OF[match["sign"]]
    shown = f"{line[: match.start()]}{{{operator}: {match['value']}}}{line[match.end() :]}" if operator else line
    said = f"a comparison is written with {operator}, not with {match['sign']}"
    return Mistake(line_place(stop.line, *match.span()), "bad-yaml", said, shown.strip())


def _reserved(stop: SyntaxStop, lines: list[str]) -> Mistake | None:
    """A value or a key that begins with `@`, `%`, a backtick, or a wildcard."""
    line = lines[stop.line]
    key = _KEY.match(line)
    if key is not None and key.start("key") == stop.column:
        shown = f"'payload[\"{key['key']}\"]'{key['rest']}".strip()
        said = f"YAML keeps a leading {key['key'][0]} for itself: quote the key, as a path"
        return Mistake(line_place(stop.line, *key.span("key")), "yaml-quoting", said, shown)
    match = _VALUE.match(line)
    if match is None or stop.column > match.end("value"):
        return None
    value = match["value"]
    said = f"YAML keeps a leading {value[0]} for itself"
    if re.fullmatch(r"%[A-Z_]+%", value):
        said, right = "a variable of the environment is written ${NAME}", f"${{{value[1:-1]}}}"
    elif value[0] == "`":
        right = value.strip("`")
    elif value[0] in "%*":
        said, right = f"{said}, and wildcards are operators here", _wildcard(value)
    else:
        right = "'" + value.replace("'", "''") + "'"
    shown = f"{line[: match.start('value')]}{right}{line[match.end('value') :]}".strip()
    return Mistake(line_place(stop.line, *match.span("value")), "yaml-quoting", f"{said}: write it like this", shown)


def instead_of_tag(line: str, tag: str, value: str) -> str:
    """What to write instead of a value that begins with `!`; `line` is what stands before it."""
    match = _LAST_KEY.search(line)
    key = match["key"] if match is not None else ""
    if tag in ("!=", "!=="):
        return f"{key}: {{not: {value}}}" if key else f"{{not: {value}}}"
    negated = f"{tag[1:]} {value}".strip()
    if key in ("where", "each"):
        return f"{key}: not {negated}"
    if negated.startswith(("payload.", "item.", "kafka.")):
        return f"{key}: = not {negated}" if key else f"= not {negated}"
    return f"{key}: {{not: {negated}}} in a condition, or in quotes: '!{negated}'"


def instead_of_alias(name: str) -> str:
    """What to write instead of a value that begins with `*`."""
    if not name.isidentifier():
        return f"a pattern: {{ends_with: {name}}}, or in quotes: '*{name}'"
    return f"write the value out, use `defaults` or `let`, or quote it: '*{name}'"


def _wildcard(value: str) -> str:
    """A text that begins with a wildcard as an operator."""
    inner = value.strip("%*")
    operator = "contains" if value[-1] in "%*" else "ends_with"
    return f"{{{operator}: {inner}}}" if inner else "{exists: true}"


SHAPES: Final = (
    Shape("chomping or indentation", _compared),
    Shape("comment or a line break", _compared),
    Shape("cannot start any token", _compared_in_braces),
    Shape("cannot start any token", _reserved),
    Shape("alphabetic or numeric", _reserved),
)
"""In the order in which they are tried."""

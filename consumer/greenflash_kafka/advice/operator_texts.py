"""Recognisers of texts in `when` that are operators, wildcards or lists of other languages, and the form for each."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

Form = str | None
"""What to write instead, as the value of the line; None if the text is an ordinary one."""

_NUMBER: Final = r"[-+]?\d[\d_,' ]*(?:\.\d+)?\s*%?"
_MOMENT: Final = r"\d{4}-\d\d-\d\d\S*"
_BOUND: Final = rf"(?:{_NUMBER}|{_MOMENT})"
_WORD: Final = r"[A-Za-z0-9_.:\-]+"

_SIGNS: Final = {">=": "at_least", "≥": "at_least", "<=": "at_most", "≤": "at_most", ">": "above", "<": "below"}
_WORDS: Final = {
    "greater than or equal to": "at_least",
    "less than or equal to": "at_most",
    "greater than": "above",
    "more than": "above",
    "less than": "below",
    "at least": "at_least",
    "at_least": "at_least",
    "at most": "at_most",
    "at_most": "at_most",
    "above": "above",
    "over": "above",
    "below": "below",
    "under": "below",
    "after": "above",
    "since": "at_least",
    "before": "below",
    "until": "at_most",
    "gte": "at_least",
    "gt": "above",
    "lte": "at_most",
    "lt": "below",
}
_PARTS: Final = {
    "starts with": "starts_with",
    "starts_with": "starts_with",
    "ends with": "ends_with",
    "ends_with": "ends_with",
    "contains": "contains",
}
_COMPARED: Final = re.compile(
    rf"(>=|<=|≥|≤|>|<|\b(?:{'|'.join(_WORDS)})\b)\s*:?\s*({_BOUND})(?=\s*(?:$|and\b|&&|[,<>≤≥]))", re.IGNORECASE
)
_WHOLE_COMPARISON: Final = re.compile(r"\s*(?:and|&&|,|\s)*\s*", re.IGNORECASE)
_RANGE: Final = re.compile(rf"({_NUMBER})\s*\.\.\.?\s*({_NUMBER})")
_DATES: Final = re.compile(
    r"(?:from\s+)?(\d{4}-\d\d-\d\d[\dT:Z+]*)\s*(?:\.\.\.?|/|\s-\s|–|\bto\b|\buntil\b|\band\b|,)\s*(\d{4}-\d\d-\d\d[\dT:Z+]*)",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(rf"between\s+({_BOUND})\s+(?:and|to)\s+({_BOUND})", re.IGNORECASE)
_UNEQUAL: Final = re.compile(r"(?:!=+|<>|≠)\s*(.+)", re.DOTALL)
_IN: Final = re.compile(r"(not\s+)?in\s*[(\[](.+)[)\]]|(not\s+)?in:\s*(.+)", re.IGNORECASE)
_LISTED: Final = re.compile(rf"\[\s*(.+?)\s*\]|({_WORD}(?:\s*[,;|]\s*{_WORD})+)|({_WORD}(?:\s+(?:or|OR)\s+{_WORD})+)")
_PRESENT: Final = re.compile(
    r"\*|exists?|is\s*not\s*(?:null|none|nil|empty|missing)|(?:not|non|!)[\s_\-=]*(?:null|nil|none|empty)|!=\s*null"
    r"|is\s*present",
    re.IGNORECASE,
)
_ABSENT: Final = re.compile(
    r"is\s*(?:null|none|nil|empty|missing)|(?:not|!)\s*exists|does\s*n[o']t exist", re.IGNORECASE
)
_PART: Final = re.compile(rf"({'|'.join(_PARTS)})[\s:]+[\"']?(.+?)[\"']?", re.IGNORECASE)
_LIKE: Final = re.compile(r"(not\s+)?i?like\s+[\"']?(.+?)[\"']?", re.IGNORECASE)
_GLOB: Final = re.compile(r"\*?[\w.:/@\- ]+\*?(?:\*[\w.:/@\- ]+)*\*?")
_PERCENT: Final = re.compile(r"%?[@._\-]?[A-Za-z_][\w.:/@\- ]*%?")
_SLASHES: Final = re.compile(r"/(.+)/([gimsuxy]*)", re.DOTALL)
_PATTERN: Final = re.compile(r"\^.+|.*(?:\.[*+]|\\[.dwsb]|\[[a-z0-9]-[a-z0-9]).*|\(?\??:?\w+(?:\|\w+)+\)\$?", re.DOTALL)
_META: Final = re.compile(r"[\^$*+?\\\[\](|)]")
_ADDRESS: Final = re.compile(r"url|uri|path|page|href|route|referr?er|link|file", re.IGNORECASE)


def whole(text: str, field: str) -> Form:
    """The form for a text that a value is compared with as a whole; `field` is the line's path."""
    stripped = text.strip()
    for recognise in _RECOGNISERS:
        form = recognise(stripped, field)
        if form is not None:
            return form
    return None


def scalar(text: str) -> str:
    """A text as the value of a line, quoted where YAML needs it."""
    bare = text.strip().strip("\"'“”‘’")
    return bare if re.fullmatch(r"[A-Za-z0-9_][\w. /\-]*(?::[\w./\-]+)*", bare) else "'" + bare.replace("'", "''") + "'"


def number(text: str) -> str | None:
    """A number as it is written in a condition, without separators; None if the text is no number."""
    bare = re.sub(r"[_ ']", "", text.strip()).removeprefix("+").removesuffix("%")
    bare = bare.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", bare) else bare.replace(",", ".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", bare):
        return None
    head, dot, tail = bare.partition(".")
    head = head[:1] * (head[:1] == "-") + (head.lstrip("-").lstrip("0") or "0")
    tail = tail.rstrip("0")
    return head + (dot + tail if tail else "")


def pattern(text: str) -> str:
    """A regular expression as `matches` takes it, in single quotes, without the slashes of other languages."""
    found = _SLASHES.fullmatch(text.strip())
    body, flags = (found[1], found[2]) if found else (text.strip(), "")
    kept = "".join(flag for flag in "ims" if flag in flags)
    return "{matches: '" + (f"(?{kept})" if kept else "") + body.replace("\\/", "/").replace("'", "''") + "'}"


def slashed(text: str) -> bool:
    """Whether a regular expression stands in the slashes of other languages."""
    found = _SLASHES.fullmatch(text.strip())
    return found is not None and bool(found[2] or found[1].startswith("^") or found[1].endswith("$"))


def wildcards(text: str) -> Form:
    """The form for a text with wildcards of shells (`*`) or of SQL (`%`) at its ends, or between."""
    sign = "*" if "*" in text else "%"
    shape = _GLOB if sign == "*" else _PERCENT
    if sign not in text or not shape.fullmatch(text) or not re.search("[A-Za-z]", text):
        return None
    inner = text.strip(sign)
    if ".*" in inner:
        return None
    if sign in inner:
        return "{matches: '^" + ".*".join(re.escape(part) for part in text.split(sign)) + "$'}"
    left, right = text.startswith(sign), text.endswith(sign)
    # 20%off and C* are names as much as patterns are.
    if not inner or (sign == "*" and len(inner) < 2):
        return None
    operator = "contains" if left and right else "ends_with" if left else "starts_with"
    return f"{{{operator}: {scalar(inner)}}}"


def _comparison(text: str, _: str) -> Form:
    found = list(_COMPARED.finditer(text))
    if not found or not _WHOLE_COMPARISON.fullmatch(_COMPARED.sub("", text)):
        return None
    parts = [f"{_operator(each[1])}: {number(each[2]) or each[2].strip()}" for each in found]
    return "{" + ", ".join(parts) + "}"


def _operator(word: str) -> str:
    return _SIGNS.get(word) or _WORDS[word.lower()]


def _range(text: str, _: str) -> Form:
    found = _RANGE.fullmatch(text) or _DATES.fullmatch(text) or _BETWEEN.fullmatch(text)
    if found is None:
        return None
    low, high = (number(each) or each.strip() for each in (found[1], found[2]))
    return f"{{at_least: {low}, at_most: {high}}}"


def _presence(text: str, _: str) -> Form:
    if _PRESENT.fullmatch(text):
        return "{exists: true}"
    return "{exists: false}" if _ABSENT.fullmatch(text) else None


def _unequal(text: str, _: str) -> Form:
    found = _UNEQUAL.fullmatch(text)
    return None if found is None else f"{{not: {number(found[1]) or scalar(found[1])}}}"


def _list(text: str, _: str) -> Form:
    within = _IN.fullmatch(text)
    if within is not None:
        form = _items(re.split(r"\s*,\s*", within[2] or within[4]))
        return f"{{not: {form}}}" if within[1] or within[3] else form
    found = _LISTED.fullmatch(text)
    if found is None or number(text) is not None:
        return None
    items = re.split(r"\s*[,;|]\s*|\s+(?:or|OR)\s+", found[1] or found[2] or found[3])
    # A word of one case looks like a code: "Paris, France" is one text.
    code = ", " not in text or all(item and (item == item.lower() or item == item.upper()) for item in items)
    return _items(items) if len(items) > 1 and (code or found[1]) else None


def _items(items: list[str]) -> str:
    return "[" + ", ".join(scalar(item) for item in items) + "]"


def _part(text: str, _: str) -> Form:
    found = _PART.fullmatch(text)
    return None if found is None else f"{{{_PARTS[found[1].lower()]}: {scalar(found[2])}}}"


def _like(text: str, _: str) -> Form:
    found = _LIKE.fullmatch(text)
    if found is None or "%" not in found[2]:
        return None
    form = wildcards(found[2])
    return form if form is None or not found[1] else f"{form} under `none:`"


def _wildcard(text: str, _: str) -> Form:
    return wildcards(text)


def _regex(text: str, field: str) -> Form:
    found = _SLASHES.fullmatch(text)
    if found is not None:
        plain = not found[2] and not _META.search(found[1])
        return None if plain and ("/" in found[1] or _ADDRESS.search(field)) else pattern(text)
    return pattern(text) if _PATTERN.fullmatch(text) else None


_RECOGNISERS: Final[tuple[Callable[[str, str], Form], ...]] = (
    _presence,
    _comparison,
    _range,
    _unequal,
    _list,
    _like,
    _part,
    _wildcard,
    _regex,
)

"""Advice about the literals of `when`: what a text, a number in quotes or a word was probably meant as."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.advice import operator_texts as texts
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import glued_items
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar, place
from greenflash_kafka.mappings.spec import NESTING
from greenflash_kafka.mappings.when_as_where import as_where, from_payload
from greenflash_kafka.rules.when_operators.all_operators import EQUALITIES
from greenflash_kafka.rules.when_operators.ordering import SIGNS

_INVISIBLE: Final = re.compile("[\u00a0\u00ad\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]")
_QUOTES: Final = "“”„‟«»‹›‘’‚`´＂"
_BOOLEANS: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_NULLS: Final = frozenset(("None", "nil", "undefined", "null", "NULL", "Null", "<null>", "(null)"))
_PATH: Final = re.compile(
    r"=*\s*(?:(?:payload|item|tables|envelope)(?:\.[^\W\d]\w*|\[[^\]]+\])+|kafka\.(?:topic|partition|offset|key|timestamp|"
    r"headers\S*))"
)
_FOREIGN_PATH: Final = re.compile(r"\$\.?([^\W\d]\w*(?:\.\w+)*)|\$?\{\{?\s*([^\W\d]\w*(?:\.\w+)*)\s*\}?\}")
_DOTTED: Final = re.compile(r"[A-Za-z_]\w+(?:\.[A-Za-z_]\w*)*")
_MONEY: Final = re.compile(r"[$€£¥]\s*([\d.,' ]+)|([\d.,' ]+)\s*(?:[$€£¥]|[A-Z]{3})|[A-Z]{3}\s*([\d.,' ]+)")
_SIGNED: Final = re.compile(r"[$€£¥]\s*([\d.,' ]+)|([\d.,' ]+)\s*[$€£¥]")
_GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_SIGNS_AT_END: Final = {",": "comma", ";": "semicolon"}
_NOT: Final = re.compile(r"(?:not|NOT|!)\s*(?:=|equal to\s)?\s*([a-z0-9_.:\-]+)")


def check_when(node: Node, report: FileReport) -> None:
    """Warn of the literals of a `when` that can't be meant as they stand; not where something is wrong already."""
    taken = {(each.line, each.column) for each in report.findings}
    for field, operator, scalar in _literals(node, taken):
        at = place(scalar)
        said = None if at[:2] in taken else _advice(field, operator, scalar)
        if said is not None:
            code, message, hint = said
            report.add(at, code, message, hint)


Said = tuple[str, str, str]
"""Code, message, hint."""


def _literals(node: Node, taken: set[tuple[int, int]]) -> Iterator[tuple[str, str, Scalar]]:
    """Every literal, with its line's path and operator (`is` for none), of the lines that have no finding."""
    for entry in node.entries if isinstance(node, Map) else ():
        if entry.key.text in NESTING:
            for group in entry.value.items if isinstance(entry.value, List) else ():
                yield from _literals(group, taken)
        elif place(entry.key)[:2] not in taken:
            yield from _of_line(entry)


def _of_line(entry: Entry) -> Iterator[tuple[str, str, Scalar]]:
    operators = entry.value.entries if isinstance(entry.value, Map) else ()
    given = [(each.key.text, each.value) for each in operators] or [("is", entry.value)]
    for operator, node in given:
        for one in node.items if isinstance(node, List) else (node,):
            if isinstance(one, Scalar):
                yield entry.key.text, operator, one


def _advice(field: str, operator: str, scalar: Scalar) -> Said | None:
    if scalar.value is None and operator == "not":
        return "not-null", "`not: null` means that there is a value", f"{field}: {{exists: true}}"
    if not isinstance(scalar.value, str):
        return None
    return (
        _characters(field, operator, scalar)
        or text_advice(field, operator, scalar.text)
        or (_word(field, operator, scalar) if operator in EQUALITIES else None)
    )


def text_advice(field: str, operator: str, text: str) -> Said | None:
    """What a text was probably meant as that stands under an operator (`is` for none) of a line: an operator, a path, a
    number, nothing. None for an ordinary text; nothing is said of characters."""
    return (
        _reference(field, operator, text)
        or (_ordered(field, operator, text) if operator in SIGNS else None)
        or (_operator(field, operator, text) if operator in EQUALITIES else _part(field, operator, text))
        or (_null_or_not(field, operator, text.strip()) if operator in EQUALITIES else None)
    )


def _line(field: str, operator: str, written: str) -> str:
    """A line to copy: the form itself is an operator, or stands under the one that the line has."""
    if operator == "is" or written.startswith("{"):
        return f"{field}: {written}"
    return f"{field}: {{{operator}: {written}}}"


def _characters(field: str, operator: str, scalar: Scalar) -> Said | None:
    """Characters that nobody sees, and quotes that are a part of the text."""
    text = scalar.text
    found = _INVISIBLE.search(text)
    if found is not None:
        name = unicodedata.name(found[0], "a control character").lower()
        said = f"the text has an invisible character at position {found.start() + 1}: {name} (U+{ord(found[0]):04X})"
        clean = _INVISIBLE.sub(lambda match: " " if match[0].isspace() else "", text)
        return "invisible-character", said, f"type it anew: {_line(field, operator, texts.scalar(clean))}"
    if operator not in EQUALITIES:
        return None
    if len(text) > 2 and text[0] in _QUOTES and text[-1] in _QUOTES:
        said = f"the quotes {text[0]} {text[-1]} are a part of the text here: YAML knows only \" and '"
        return "quotes-in-text", said, _line(field, operator, texts.scalar(text[1:-1]))
    if len(text) > 2 and text[0] == text[-1] and text[0] in "\"'" and text[0] not in text[1:-1]:
        said = f"the text is quoted twice, so the message's text would need the quotes {text[0]} itself"
        return "quotes-in-text", said, _line(field, operator, texts.scalar(text[1:-1]))
    if text != text.strip() and text.strip():
        side = "ends with" if text == text.lstrip() else "begins with"
        what = "a line break" if "\n" in text[len(text.rstrip()) :] else "a space"
        said = f"the text {side} {what}, and spaces count in a comparison"
        return "outer-space", said, _line(field, operator, texts.scalar(text))
    if not scalar.style and len(text) > 1 and text[-1] in ",;":
        said = f"the text ends with a {_SIGNS_AT_END[text[-1]]}, which is a part of it: a line of YAML needs none"
        bare = text.rstrip(",; ")
        return "sign-at-end", said, _line(field, operator, texts.number(bare) or texts.scalar(bare))
    glued = [] if scalar.style else glued_items(text)
    if glued and (len(glued) > 1 or "\n" in scalar.source):
        said = "the dashes of this list have no space after them, so that it is one text"
        return "sign-at-end", said, _line(field, operator, f"[{', '.join(map(texts.scalar, glued))}]")
    return None


def _reference(field: str, operator: str, text: str) -> Said | None:
    """A path in place of a literal: it is compared as a text."""
    stripped = text.strip()
    foreign = _FOREIGN_PATH.fullmatch(stripped)
    if foreign is not None and not stripped.startswith("${"):
        target = foreign[1] or foreign[2]
        path = target if re.match(r"(payload|item|kafka)\b", target) else f"payload.{target}"
    elif _PATH.fullmatch(stripped) and (operator in SIGNS or not stripped.startswith("item.")):
        path = stripped.lstrip("= ")
    elif operator in SIGNS and _DOTTED.fullmatch(stripped) and stripped.lower() not in ("nan", "inf"):
        path = f"payload.{stripped}"
    else:
        return None
    said = f'"{stripped}" is a text here: `when` compares with what is written, not with another field'
    where = as_where(field, operator, path)
    return "path-as-text", said, where and f"where: {where}"


def _ordered(field: str, operator: str, text: str) -> Said | None:
    """A number as a text under an operator that orders: it would be compared by its letters."""
    money = _MONEY.fullmatch(text.strip())
    written = texts.number(next(filter(None, money.groups())) if money else text)
    if written is None:
        form = texts.whole(text, field)
        if form is None:
            return None
        return (
            "operator-in-text",
            f'"{text}" is a text here, which no number is compared with',
            f"{field}: {form}",
        )
    said = f'"{text}" is a text here: a number is never compared with it'
    hint = f"{field}: {{{operator}: {written}}}, or where the message has a text, where: "
    return "number-as-text", said, f"{hint}number({from_payload(field)}) {SIGNS[operator]} {written}"


def _word(field: str, operator: str, scalar: Scalar) -> Said | None:
    """Words of other languages for true and false, and amounts with their sign."""
    text = scalar.text.strip()
    boolean = _BOOLEANS.get(text.lower())
    if boolean is not None and not scalar.style and len(text) > 1:
        said = f"`{text}` is a text here, not {boolean}"
        quoted = _line(field, operator, f'"{text}"')
        return "yes-or-no", said, f"{_line(field, operator, boolean)}, or {quoted} if the message has this text"
    if text.lower() in ("true", "false"):
        said = f'"{text}" in quotes is a text, which {text.lower()} of a message never equals'
        return "boolean-as-text", said, f"{_line(field, operator, text.lower())}, unless the message has the text"
    money = _SIGNED.fullmatch(text)
    if money is not None or _GROUPED.fullmatch(text):
        written = texts.number(money[1] or money[2] if money else text)
        said = f"`{text}` is a text here, not a number"
        return "number-as-text", said, _line(field, operator, written or text)
    return None


def _null_or_not(field: str, operator: str, text: str) -> Said | None:
    """Words of other languages for null, and a negation."""
    if text in _NULLS:
        said = f'"{text}" is a text here, not a missing value'
        form = f"{field}: {{exists: true}}" if operator == "not" else _line(field, operator, "null")
        return "null-as-text", said, f"{form}; null also means that the field isn't there"
    negated = _NOT.fullmatch(text)
    if negated is not None and operator == "is":
        said = f'"{text}" is compared as a text'
        form = texts.whole(negated[1], field) or texts.scalar(negated[1])
        hint = f"{field}: {{not: {form}}}" if not form.startswith("{") else f"none: [{{{field}: {form}}}]"
        return "not-in-text", said, f"{hint}, unless the message has this text"
    return None


def _operator(field: str, operator: str, text: str) -> Said | None:
    form = texts.whole(text, field)
    if form is None:
        return None
    said = f'"{text.strip()}" is compared as a text, letter by letter: it is no operator here'
    negated = operator == "not"
    if negated and form.startswith("{not: "):
        return "operator-in-text", said, f"{field}: {form}"
    if negated and form.startswith("{"):
        return "operator-in-text", said, f"none: [{{{field}: {form}}}]"
    return "operator-in-text", said, _line(field, operator, form)


def _part(field: str, operator: str, text: str) -> Said | None:
    """Patterns under operators that take none, and other patterns under `matches`."""
    if operator == "matches":
        if texts.slashed(text):
            said = "the slashes around this regular expression are a part of it"
            return "operator-in-text", said, f"{field}: {texts.pattern(text)}"
        form = texts.wildcards(text) if "%" in text else None
        if form is not None:
            return "operator-in-text", "% is no wildcard of a regular expression", f"{field}: {form}"
        return None
    if operator not in ("starts_with", "ends_with", "contains"):
        return None
    inner = text.strip()
    form = texts.wildcards(inner)
    if form is not None:
        said = f"`{operator}` takes the text itself: a wildcard in it is compared as a character"
        return "operator-in-text", said, f"{field}: {form}"
    if texts.slashed(inner) or (operator == "starts_with" and inner.startswith("^") and len(inner) > 1):
        said = f"`{operator}` takes a text, not a regular expression"
        return "operator-in-text", said, f"{field}: {texts.pattern(inner)}"
    return None

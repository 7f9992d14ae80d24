"""Hints for who knows SQL, spreadsheets or Python: what is wrong in an expression, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.vocabulary import instead_of, remarks
from greenflash_kafka.expressions.foreign_forms import foreign_form, inside_parentheses, percentage

_CHOICE: Final = "a if condition else b"
QUOTES: Final = "\"'"
_TYPOGRAPHIC: Final = "“”„‘’«»`´"
_KEYWORDS: Final = frozenset({"if", "else", "or", "and", "not", "in", "for"})
_METHOD: Final = re.compile(r"([\w.\]\[\"']*)\.([^\W\d]\w*)\s*$")

Said = tuple[str, str | None]
"""What is wrong, and what to write; None if nobody knows."""


class _Stop(NamedTuple):
    """Where reading ended: before `word` at `start`; `before` is the text up to there, `functions` are known."""

    text: str
    start: int
    word: str
    before: str
    functions: list[str]

    @property
    def lead(self) -> str:
        """The word before."""
        return re.split(r"[\s(\[,]", self.before)[-1]


def function_hint(word: str, known: Iterable[str]) -> str | None:
    """What to call instead of a function that doesn't exist."""
    names = list(known)
    if word.lower() in names:
        return word.lower()
    return instead_of(word, "functions") or closest_word(word, names)


def syntax_hint(text: str, start: int, word: str, functions: Iterable[str]) -> Said:
    """What is wrong where reading ended, before `word` at `start` ("" at the end of the text), and what to write."""
    if not word:
        return _at_the_end(text)
    stop = _Stop(text, start, word, text[:start].rstrip(), list(functions))
    foreign = foreign_form(text, start, word, stop.before)
    if foreign is not None:
        return foreign
    for recognise in (_by_word, _by_quotes, _by_bracket, _by_sign, _by_number, _by_symbol, _by_chain):
        said = recognise(stop)
        if said is not None:
            return said
    return f"{'a text' if word[0] in QUOTES else word} is not expected here", None


def _by_word(stop: _Stop) -> Said | None:
    """Words of other languages: at the place itself, or just before it."""
    text, start, word, before, lead = stop.text, stop.start, stop.word, stop.before, stop.lead
    small, words = word.lower(), remarks("keywords")
    if "case" in (small, lead.lower()):
        return words["when"]
    if small == "is" or lead.lower() == "is":
        operand = _operand(before[:-2].rstrip() if small != "is" else before)
        negated = re.match(r"(?:is\s+)?not\b", text[start:], re.IGNORECASE)
        return "there is no IS", f"exists({operand})" if negated else f"not exists({operand})"
    if small == "not" and re.match(r"not\s+(in|like)\b", text[start:], re.IGNORECASE):
        operand = _operand(before)
        return "it is written in lowercase", f'{operand} not in ["a", "b"], or not contains({operand}, "a")'
    if small in words and word not in _KEYWORDS:
        return words[small]
    if lead in stop.functions and word[0] not in "=+-*/%,)]":
        return "a function's arguments stand in parentheses", f"{lead}(...)"
    if lead and lead not in _KEYWORDS and lead.lower() in words and (word[0].isalnum() or word[0] in "_(\"'"):
        return words[lead.lower()]
    return None


def _by_quotes(stop: _Stop) -> Said | None:
    """Texts that aren't closed, stand side by side, or are written otherwise elsewhere."""
    word, before = stop.word, stop.before
    if word in QUOTES:
        return "this text isn't closed", f"close it with {word}"
    if word[0] in QUOTES and before.endswith(word[0]):
        return "two texts side by side aren't one", f"concat(a, b), or \\{word[0]} for a quote inside a text"
    if word[0] in QUOTES and re.search(r"\bf$", before):
        return "a text holds no expressions", 'concat("a", payload.b)'
    if word in _TYPOGRAPHIC:
        return "typographic quotes don't make a text", '"text"'
    return None


def _by_bracket(stop: _Stop) -> Said | None:
    """Calls of methods, and what stands in brackets elsewhere."""
    word, before = stop.word, stop.before
    if word == "(":
        method = _METHOD.search(before)
        if method is None:
            said, hint = "a parenthesis is not expected here", "null is written without parentheses"
            return said, hint if stop.lead == "null" else None
        name = method[2].lower() if method[2].lower() in stop.functions else function_hint(method[2], stop.functions)
        given = inside_parentheses(stop.text, stop.start)
        arguments = f"{method[1]}, {given}" if given else method[1]
        return "values have no methods", f"{name}({arguments})" if name and name.isidentifier() else name
    if word == "[" and before.endswith("."):
        return "a step in brackets has no dot before it", 'a["user id"]'
    if before.endswith("[") and word in "*]" and before[:-1].rstrip()[-1:].isalnum():
        return "a position in a list is a number", f"[x.price for x in {_operand(before[:-1])}]"
    if word == ":" and before.rfind("[") > before.rfind("]"):
        return "lists can't be cut", "first(list), last(list), or [x for x in list if ...]"
    return None


def _by_sign(stop: _Stop) -> Said | None:
    """Signs and words at places where the language doesn't have them."""
    word, before = stop.word, stop.before
    if word == "*" and re.search(r"\bcount\s*\($", before, re.IGNORECASE):
        return "there is no *", "count(list)"
    if word == ",":
        keys = re.search(r"(tables\.\w+)\[([^\[\]]+)$", before)
        rest = re.match(r",\s*([^\[\],]+)\]", stop.text[stop.start :])
        if keys is not None and rest is not None:
            return "each key of a table has brackets of its own", f"{keys[1]}[{keys[2]}][{rest[1]}]"
        return "a comma is not expected here", 'x in ["a", "b"]' if re.search(r"\bin\s*\(", before) else None
    if word == "if":
        return "if stands between two values", _CHOICE
    return None


def _by_number(stop: _Stop) -> Said | None:
    """Numbers that begin wrongly, or where a position stands in brackets."""
    word = stop.word
    if word[0].isdigit():
        if stop.before.endswith("."):
            return "a position in a list stands in [ ]", f"[{word}]"
        return ("this is not a number", None) if len(word) == 1 else None
    if word[0] == ".":
        digits = re.match(r"\.[0-9]+", stop.text[stop.start :])
        return "a number starts with a digit, a path with a name", f"0{digits[0]}" if digits else None
    return None


def _by_symbol(stop: _Stop) -> Said | None:
    """Signs of other languages."""
    text, start = stop.text, stop.start
    # Reading may have ended at any character of what was meant as one sign.
    for symbol, said in remarks("signs").items():
        for back in range(len(symbol)):
            if start >= back and text.startswith(symbol, start - back):
                if symbol == "=" and text.startswith("==", start):
                    continue
                return said
    return None


def _by_chain(stop: _Stop) -> Said | None:
    """Comparisons of comparisons."""
    if stop.word in ("<", ">", "<=", ">=", "==", "!=", "in") or re.match(r"not\s+in\b", stop.text[stop.start :]):
        return "comparisons can't be chained", "a < b and b < c"
    return None


def _operand(before: str) -> str:
    """The path that ends a text, for a hint that can be copied."""
    found = re.search(r"[\w.\[\]\"']+$", before)
    return found[0] if found else "x"


def _at_the_end(text: str) -> Said:
    percent = percentage(text)
    if percent is not None:
        return percent
    for opening, closing in ("()", "[]"):
        if text.count(opening) > text.count(closing):
            return "the expression ends before it is complete", f"a {closing} is missing"
    if re.search(r"\bif\b", text) and not re.search(r"\belse\b", text):
        return "there is no if without else", _CHOICE
    return "the expression ends before it is complete", None

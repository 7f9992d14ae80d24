"""Operators of other languages in `when`: the line with ours."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.vocabulary import instead_of
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar
from greenflash_kafka.documents.yaml_signs import OPERATOR_OF
from greenflash_kafka.mappings.when_as_where import as_written, from_payload
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS

_SIGN: Final = re.compile(r"(?P<sign><>|[<>]=?|!==?|===?)\s*(?P<value>[^<>=!\s].*)")
_NOT: Final = re.compile(r"(?:not?_?|n)(?P<name>contains?|like|i?like|starts?_?with|ends?_?with|matche?s?|between)")


def operator_hint(written: str, entry: Entry) -> str:
    """What to write instead of an unknown operator of the line whose path is `written`."""
    name = entry.key.text.strip().lstrip("$").lower().replace(" ", "_").replace("-", "_")
    sign = _SIGN.fullmatch(entry.key.text)
    if sign is not None:
        return _with(written, OPERATOR_OF.get(sign["sign"], ""), sign["value"])
    negated = _NOT.fullmatch(name)
    if negated is not None:
        right = instead_of(negated["name"], "operators") or closest_word(negated["name"], OPERATORS) or "contains"
        inner = _like(written, entry.value) if "like" in right else _with(written, right, as_written(entry.value))
        return f"none: [{{{inner}}}]"
    word = instead_of(name, "operators") or closest_word(name, OPERATORS, 0.75)
    if word is not None:
        return _right(written, word, entry.value)
    nested = f"{written}.{entry.key.text}: {as_written(entry.value)}"
    return f"for a field of a field: {nested}; the operators are {', '.join(OPERATORS)}"


def _right(written: str, word: str, node: Node) -> str:
    """The line with our word, or with the form that the vocabulary has for it."""
    if word in OPERATORS:
        several = isinstance(node, List) and not OPERATORS[word].many
        if several and isinstance(node, List):
            return f"any: [{', '.join(f'{{{_with(written, word, as_written(each))}}}' for each in node.items)}]"
        return _with(written, word, as_written(node))
    if word == "like":
        return _like(written, node)
    if word == "range":
        return _range(written, node)
    form = word.replace("PATH", written).replace("FIELD", from_payload(written)).replace("VALUE", as_written(node))
    if isinstance(node, Scalar) and node.value is False:
        # `is_null: false` is the opposite.
        swapped = {"exists: true": "exists: false", "exists: false": "exists: true", f'{written}: ""': "{not: ''}"}
        form = next((form.replace(one, other) for one, other in swapped.items() if one in form), form)
    return form


def _with(written: str, operator: str, value: str) -> str:
    return f"{written}: {{{operator}: {value}}}" if operator else f"{written}: {value}"


def _range(written: str, node: Node) -> str:
    low, high = ("LOW", "HIGH")
    if isinstance(node, List) and len(node.items) == 2:
        low, high = map(as_written, node.items)
    if isinstance(node, Map) and len(node.entries) == 2:
        low, high = (as_written(entry.value) for entry in node.entries)
    return f"{written}: {{at_least: {low}, at_most: {high}}}"


def _like(written: str, node: Node) -> str:
    """SQL's pattern as an operator."""
    text = node.text if isinstance(node, Scalar) else ""
    inner = text.strip("%*")
    if "%" in inner or "_" in inner or "*" in inner or not inner:
        pattern = re.escape(text).replace("%", ".*").replace("\\*", ".*").replace("_", ".")
        return f"{written}: {{matches: '^{pattern}$'}}"
    starts, ends = text[0] in "%*", text[-1] in "%*"
    operator = "contains" if starts and ends else "ends_with" if starts else "starts_with" if ends else ""
    return _with(written, operator, inner)

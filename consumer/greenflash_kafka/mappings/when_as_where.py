"""Lines of `when` as expressions of `where`, and as they are written in a file: for hints."""

from __future__ import annotations

import json
import re
from typing import Final

from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar
from greenflash_kafka.expressions.path_parser import WHEN_ROOTS
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS
from greenflash_kafka.rules.when_operators.ordering import SIGNS

_SIGNS: Final = {**SIGNS, "is": "=="}
CALLS: Final = ("starts_with", "ends_with", "contains", "matches")
"""Operators that are functions of the same name, too."""
NO_EXPRESSIONS: Final = "`when` compares with literals, and takes no expressions"
_WORD: Final = re.compile(r"[^\W\d]\w*")
_PARTS: Final = re.compile(r"\[[^\]]*\]|[^.\[]+|\[")
_INDEX: Final = re.compile(r"\[(?:-?\d+|\"[^\"]*\"|'[^']*')\]")


def as_written(node: Node) -> str:
    """A value as the file has it, in one line."""
    if isinstance(node, Scalar):
        return node.source.strip() or "..."
    if isinstance(node, List):
        return f"[{', '.join(map(as_written, node.items))}]"
    if isinstance(node, Map):
        return "{" + ", ".join(f"{entry.key.source}: {as_written(entry.value)}" for entry in node.entries) + "}"
    return "..."


def as_expression(node: Node) -> str:
    """A literal, or a list of them, as an expression has it."""
    if isinstance(node, List):
        return f"[{', '.join(map(as_expression, node.items))}]"
    if not isinstance(node, Scalar):
        return "..."
    value = node.value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else node.text.lower() or "null"


def tested(expression: str, node: Node) -> str:
    """A test of an expression, by what stands behind the colon of a line of `when`."""
    if isinstance(node, Map):
        return " and ".join(_operator(expression, entry.key.text, entry.value) for entry in node.entries)
    if isinstance(node, List):
        return f"{expression} in {as_expression(node)}"
    if isinstance(node, Scalar) and (node.value is None or isinstance(node.value, bool)):
        return (
            expression
            if node.value is True
            else f"not {expression if node.value is False else f'exists({expression})'}"
        )
    return f"{expression} == {as_expression(node)}"


def _operator(expression: str, name: str, node: Node) -> str:
    if name in CALLS:
        return f"{name}({expression}, {as_expression(node)})"
    if name == "exists":
        return tested(f"exists({expression})", node)
    if name == "not":
        return f"{expression} {'not in' if isinstance(node, List) else '!='} {as_expression(node)}"
    return f"{expression} {_SIGNS.get(name, '==')} {as_expression(node)}"


def as_where(field: str, operator: str, expression: str) -> str:
    """A line of `when` as an expression of `where`; "" for an operator that an expression hasn't: a change, a pattern
    that isn't written out."""
    left, right = from_payload(field), expression.lstrip("= ")
    if operator in ("starts_with", "ends_with", "contains"):
        return f"{operator}({left}, {right})"
    if operator == "any":
        return f"contains({left}, {right})"
    sign = {**_SIGNS, "not": "!="}.get(operator)
    return f"{left} {sign} {right}" if sign else ""


def any_as_where(field: str, node: Node, scalar: Scalar) -> str:
    """The same for an expression, `scalar`, that stands somewhere below `any`; "" if it isn't the only test there."""
    listed = from_payload(field)
    tests, element = [("is", node)], "x"
    if isinstance(node, Map) and len(node.entries) == 1 and node.entries[0].key.text not in OPERATORS:
        element, node = f"x.{node.entries[0].key.text}", node.entries[0].value
        tests = [("is", node)]
    if isinstance(node, Map):
        tests = [(entry.key.text, entry.value) for entry in node.entries]
    if len(tests) != 1 or tests[0][1] is not scalar:
        return ""
    if element == "x" and tests[0][0] == "is":
        return as_where(field, "any", scalar.text)
    test = as_where("payload.x", tests[0][0], scalar.text).replace("payload.x", element, 1)
    return f"count([x for x in {listed} if {test}]) > 0" if test else ""


def from_payload(path: str) -> str:
    """A path of a line as an expression has it: from its root on."""
    match = _WORD.match(path)
    if path.startswith("["):
        return f"payload{path}"
    return path if match is not None and match[0] in WHEN_ROOTS else f"payload.{path}"


def quoted_steps(text: str) -> str:
    """A path whose names are in quotes where they aren't words: `customer.first-name` -> `customer["first-name"]`."""
    path = ""
    for part in _PARTS.findall(text):
        name = part.strip()
        if _INDEX.fullmatch(name):
            path += name
        elif name.isdigit() and path:
            path += f"[{name}]"
        elif _WORD.fullmatch(name):
            path += f".{name}" if path else name
        elif name:
            inner = name.replace("\\", "\\\\").replace('"', '\\"')
            path += f'["{inner}"]' if path else f'payload["{inner}"]'
    return path

"""A YAML file as plain values, for pydantic models, with the place of every key and item."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Place, Scalar, UnreadableNode

KeyPath = tuple[str | int, ...]
"""The keys, and the numbers of items from 0 on, that lead to a value: ("kafka", "group")."""

_EXPONENT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+")


class PlainDocument(msgspec.Struct, frozen=True):
    """The values, the place of each by its path, and what is wrong with the file as YAML.

    `value` is None if there is nothing, or nothing that can be read. A number with a fraction is a float.
    """

    value: Any
    places: dict[KeyPath, Place]
    findings: tuple[Finding, ...]


def plain_document(content: bytes, file: str) -> PlainDocument:
    """The values of a file's content; `file` is its name in findings."""
    report = FileReport(file)
    node = parse(content, report)
    places: dict[KeyPath, Place] = {}
    value = None if node is None else _plain(node, node.place, (), places)
    # A list of both values, as for conditions of a rule, is none to propose here.
    findings = tuple(
        replace(each, hint="keep one of them") if each.code == "duplicate-key" else each for each in report.findings
    )
    return PlainDocument(value, places, findings)


def _plain(node: Node, place: Place, path: KeyPath, places: dict[KeyPath, Place]) -> Any:
    places[path] = place
    match node:
        case Map():
            return {
                each.key.text: _plain(each.value, each.key.place, (*path, each.key.text), places)
                for each in node.entries
            }
        case List():
            return [_plain(each, each.place, (*path, index), places) for index, each in enumerate(node.items)]
        case Scalar():
            return _number(node)
        case UnreadableNode():
            return None


def _number(scalar: Scalar) -> bool | int | float | str | None:
    value = scalar.value
    if isinstance(value, Decimal):
        return float(value)
    # JSON writers use exponents for small numbers; in mapping files they are text.
    if scalar.style == "" and isinstance(value, str) and _EXPONENT.fullmatch(value):
        return float(value)
    return value

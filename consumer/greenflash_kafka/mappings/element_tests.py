"""Reading of the operator `any`: tests of a list's elements, from the file's form to functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Place, Scalar, place
from greenflash_kafka.expressions.names import ROOTS, Names
from greenflash_kafka.expressions.path_parser import parse_path
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.mappings.when_as_where import NO_EXPRESSIONS, any_as_where, as_written, from_payload
from greenflash_kafka.rules.when_operators.all_operators import EQUALITIES, OPERATORS, TRANSITIONS
from greenflash_kafka.rules.when_operators.elements import ElementTests, Steps
from greenflash_kafka.rules.when_operators.parts import among
from greenflash_kafka.rules.when_operators.when_operator import Literal

Given = tuple[str, Literal | tuple[Literal, ...]]
"""An operator's name, and what it is given."""

_OF_ELEMENTS: Final = frozenset(OPERATORS) - TRANSITIONS - {"any"}


def read_elements(
    node: Node, written: str, operators: Callable[[Node, str], Sequence[Given]], report: FileReport
) -> ElementTests | None:
    """What stands under `any`, for the line whose path is `written`; None after saying what is wrong with it.
    `operators` reads a literal, a list, or a map of operators."""
    expressions = [each for each in _scalars(node) if isinstance(each.value, str) and each.text.startswith("=")]
    for each in expressions:
        where = any_as_where(written, node, each)
        report.add(place(each), "expression-in-when", NO_EXPRESSIONS, where and f"use where: {where}")
    if expressions:
        return None
    if not isinstance(node, Map) or (node.entries and all(each.key.text in _OF_ELEMENTS for each in node.entries)):
        found: list[tuple[Steps, Sequence[Given], Place]] = [((), operators(node, written), place(node))]
    else:
        fields = [_field(entry, operators, report) for entry in node.entries]
        found = [field for field in fields if field is not None]
        if not fields:
            report.add(place(node), "bad-literal", "lines of an element's fields are expected here", "{price: 5}")
        if len(found) < len(fields):
            return None
    if not found or not all(given for _, given, _ in found):
        return None
    for _, given, at in found:
        refused = next((name for name, _ in given if name in TRANSITIONS or name == "any"), None)
        if refused is not None:
            said = "an element of a list has no previous value" if refused in TRANSITIONS else "`any` isn't nested"
            hint = f"where: count([x for x in {from_payload(written)} if x.field == ...]) > 0"
            report.add(at, "unknown-operator", said, hint)
            return None
    tests = [(steps, [_holds(name, of) for name, of in given]) for steps, given, _ in found]
    patterns = [(steps, str(of)) for steps, given, _ in found for name, of in given if name == "matches"]
    return ElementTests.of(as_written(node), tests, patterns)


def _scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    inner = (
        node.items if isinstance(node, List) else [each.value for each in node.entries] if isinstance(node, Map) else ()
    )
    for each in inner:
        yield from _scalars(each)


def _field(
    entry: Entry, operators: Callable[[Node, str], Sequence[Given]], report: FileReport
) -> tuple[Steps, Sequence[Given], Place] | None:
    """One line: the steps from the element on, and its operators."""
    written = entry.key.text
    if written.partition(".")[0] in ROOTS and "." in written:
        said = "below `any` a path begins with a field of the element"
        report.add(place(entry.key), "unknown-name", said, f"{written.partition('.')[2]}: {as_written(entry.value)}")
        return None
    try:
        path = parse_path(written, Names())
    except ExpressionRefused as refused:
        for each in refused.refusals:
            report.add(place(entry.key), each.code, each.message, each.hint or "")
        return None
    return path.steps, operators(entry.value, written), place(entry.key)


def _holds(name: str, given: Literal | tuple[Literal, ...]) -> Callable[[object], bool]:
    """An operator on a value that may be missing."""
    if isinstance(given, tuple) and name in EQUALITIES:
        literals = given
        if name == "not":
            return lambda value: value is not None and not among(value, literals)
        return lambda value: among(value, literals)
    if name == "exists":
        return lambda value: (value is not None) is given
    prepare = OPERATORS[name].prepare
    assert prepare is not None, name
    holds = prepare(given)
    return lambda value: value is not None and holds(value)

"""`when`: from the file's map to tests as data, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import describe, long_number, wrong
from greenflash_kafka.documents.vocabulary import instead_of
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar, UnreadableNode, place
from greenflash_kafka.documents.yaml_scalars import shortest
from greenflash_kafka.expressions.functions.argument_types import BadLiteral
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.path_parser import Path, parse_path
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.mappings.element_tests import read_elements
from greenflash_kafka.mappings.foreign_operators import operator_hint
from greenflash_kafka.mappings.misplaced_keys import misplaced
from greenflash_kafka.mappings.spec import NESTING
from greenflash_kafka.mappings.value_compiler import report_refusals
from greenflash_kafka.mappings.when_as_where import NO_EXPRESSIONS, as_where, as_written
from greenflash_kafka.mappings.when_lines import key_hint, not_lines
from greenflash_kafka.rules.when_conditions import Condition, Nest, Operator, Test
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS, TRANSITIONS
from greenflash_kafka.rules.when_operators.when_operator import Literal, WhenOperator


def read_when(node: Node, names: Names, report: FileReport) -> tuple[Condition, ...]:
    """The conditions of a `when`, in the file's order; what can't be read goes to `report` and is left out."""
    if not isinstance(node, Map):
        if not isinstance(node, UnreadableNode):
            report.add(place(node), "wrong-type", *not_lines(node))
        return ()
    conditions: list[Condition] = []
    for entry in node.entries:
        if misplaced(entry, report):
            continue
        if entry.key.text in NESTING:
            conditions.extend(_nested(entry, names, report))
        elif nesting := _foreign_nesting(entry):
            said = f"conditions are nested by {', '.join(NESTING)}, not by `{entry.key.text}`"
            report.add(place(entry.key), "unknown-operator", said, f"{nesting}: {as_written(_groups(entry.value))}")
        else:
            test = _test(entry, names, report)
            if test is not None:
                conditions.append(test)
    return tuple(conditions)


def _foreign_nesting(entry: Entry) -> str | None:
    """Our word for nesting, if a line is no test of a field, but conditions under another language's word for it."""
    node = entry.value
    if isinstance(node, List):
        nests = any(isinstance(item, Map) for item in node.items)
    else:
        nests = isinstance(node, Map) and bool(node.entries) and not any(e.key.text in OPERATORS for e in node.entries)
    return instead_of(entry.key.text, "nesting") if nests else None


def _groups(node: Node) -> Node:
    """The conditions below a word for nesting as a list, each with a place of its own."""
    if not isinstance(node, Map):
        return node
    return List(tuple(Map((entry,), entry.place) for entry in node.entries), node.place)


def _nested(entry: Entry, names: Names, report: FileReport) -> tuple[Condition, ...]:
    kind = entry.key.text
    if not isinstance(entry.value, List):
        hint = f"{kind}: {as_written(_groups(entry.value))}; a field of this name is payload.{kind}"
        wrong(entry.value, report, f"a list of conditions under `{kind}`", hint)
        return ()
    groups = tuple(read_when(item, names, report) for item in entry.value.items)
    if kind == "all":
        return tuple(condition for group in groups for condition in group)
    return (Nest(kind, groups, place(entry.key), entry.place),)


def _test(entry: Entry, names: Names, report: FileReport) -> Test | None:
    written = entry.key.text
    path: Path | None = None
    try:
        path = parse_path(written, names)
    except ExpressionRefused as refused:
        hint = key_hint(entry) if refused.refusals[0].code == "syntax" else ""
        if hint:
            report.add(place(entry.key), "syntax", f"`{written}` is not a path of a field", hint)
        else:
            report_refusals(refused, report, entry.key)
    operators = _operators(entry.value, written, report)
    return Test(path, written, operators, place(entry.key), entry.place) if path is not None and operators else None


def _operators(node: Node, written: str, report: FileReport) -> tuple[Operator, ...]:
    if isinstance(node, UnreadableNode):
        return ()
    if not isinstance(node, Map):
        given = _literals(node, written, "is", report)
        return () if given is None else (Operator("is", given),)
    if not node.entries:
        report.add(place(node), "bad-literal", "an operator is expected here", "e.g. {exists: true}")
    found = [_operator(entry, written, report) for entry in node.entries]
    return tuple(operator for operator in found if operator is not None)


def _operator(entry: Entry, written: str, report: FileReport) -> Operator | None:
    name, node = entry.key.text, entry.value
    if name not in OPERATORS:
        report.add(place(entry.key), "unknown-operator", f"`{name}` isn't an operator", operator_hint(written, entry))
        return None
    if isinstance(node, UnreadableNode):
        return None
    given: Literal | tuple[Literal, ...]
    operator = OPERATORS[name]
    if name == "any":
        tests = read_elements(node, written, lambda inner, path: _given(inner, path, report), report)
        return None if tests is None else Operator(name, tests)
    if operator.many:
        literals = _literals(node, written, name, report, operator)
        return None if literals is None else Operator(name, literals)
    if not isinstance(node, Scalar) or _forbidden(node, written, name, report):
        if not isinstance(node, Scalar):
            hint = f"write any: [{{{written}: {{{name}: ...}}}}, ...]" if isinstance(node, List) else ""
            report.add(place(node), "bad-literal", f"`{name}` takes one literal, not {describe(node)}", hint)
        return None
    given = node.value
    if not operator.accepts(given):
        hint = "leave the line out, or use `changed`, `from` and `to`" if name in TRANSITIONS and given is False else ""
        report.add(place(node), "bad-literal", f"`{name}` takes {operator.takes}, not {describe(node)}", hint)
        return None
    if operator.check is not None and not _checked(operator.check, node, report):
        return None
    return Operator(name, given)


def _given(node: Node, written: str, report: FileReport) -> list[tuple[str, Literal | tuple[Literal, ...]]]:
    return [(each.name, each.given) for each in _operators(node, written, report)]


def _checked(check: Callable[[str], object], scalar: Scalar, report: FileReport) -> bool:
    try:
        check(scalar.text)
    except (BadLiteral, UnicodeError) as error:
        hint = (error.hint if isinstance(error, BadLiteral) else None) or ""
        report.add(place(scalar), "bad-regex", f"the regular expression can't be used: {error.args[0]}", hint)
        return False
    return True


def _literals(
    node: Node, written: str, name: str, report: FileReport, operator: WhenOperator | None = None
) -> tuple[Literal, ...] | None:
    """A literal, or a list of them, as a tuple; None after saying what is wrong. `operator`: what must accept each."""
    if isinstance(node, Scalar):
        return (node.value,) if _usable(node, written, name, report, operator) else None
    if not isinstance(node, List):
        wrong(node, report, "a literal or a list of them")
        return None
    good: list[Literal] = []
    failed = False
    for item in node.items:
        if not isinstance(item, Scalar):
            if not isinstance(item, UnreadableNode):
                report.add(place(item), "bad-literal", f"a literal is expected in this list, not {describe(item)}")
            failed = True
        elif _usable(item, written, name, report, operator):
            good.append(item.value)
        else:
            failed = True
    return None if failed else tuple(good)


def _usable(scalar: Scalar, written: str, name: str, report: FileReport, operator: WhenOperator | None) -> bool:
    """Whether a literal, or one of a list, can be used under an operator, after saying why it can't."""
    if _forbidden(scalar, written, name, report):
        return False
    if operator is None or operator.accepts(scalar.value):
        return operator is None or operator.check is None or _checked(operator.check, scalar, report)
    report.add(place(scalar), "bad-literal", f"`{name}` takes {operator.takes}, not {describe(scalar)}")
    return False


def _forbidden(scalar: Scalar, written: str, operator: str, report: FileReport) -> bool:
    """Whether a literal of a condition can't be used, after saying so."""
    if isinstance(scalar.value, str):
        if scalar.text.startswith("="):
            where = as_where(written, operator, scalar.text)
            report.add(place(scalar), "expression-in-when", NO_EXPRESSIONS, where and f"use where: {where}")
            return True
        if scalar.text.startswith("${"):
            said = "${NAME} works in `defaults` and in event fields only"
            report.add(place(scalar), "bad-env", said, "write the value itself; a condition is the same everywhere")
            return True
        if scalar.style or shortest(scalar.text) is None:
            return False
        return long_number(scalar, report)
    # 5.0 compares as 5, so it may stay; 007 is an id or a code, and would find nothing.
    harmless = isinstance(scalar.value, Decimal) and not scalar.text.lstrip("-").startswith(("0", ".", "+"))
    harmless = harmless or scalar.text.lstrip("-").startswith("0.")
    return long_number(scalar, report, "long-number" if harmless else "bad-number") and not harmless

"""Kinds of an event's value, as far as its expression tells: the `value_type` that follows from each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.parser import parse
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.values import Type
from greenflash_kafka.mappings.event_fields import Merged

VALUE_TYPE_OF: Final[Mapping[Type, str]] = {
    "money": "currency",
    "number": "numeric",
    "boolean": "boolean",
    "text": "text",
    "time": "text",
}
"""The `value_type` of a value of each type that can be one."""


def needs_value_type(merged: Merged, names: Names, report: FileReport) -> None:
    """Report a value whose type would change from message to message, and that doesn't say it."""
    value = merged.single.get("value")
    written = "value_type" in merged.single or "value_type" in merged.failed
    if written or value is None or value.expression is None or not value.expression.text:
        return
    kinds = [kind for kind in branch_types(value.expression, names) if kind != "missing"]
    known = {VALUE_TYPE_OF[kind] for kind in kinds if kind in VALUE_TYPE_OF}
    if len(known) > 1 or ("currency" in known and "any" in kinds):
        said = "the value is of one kind in one case and of another in the other, so its value_type must be written"
        report.add(value.at, "value-type-needed", said, "add value_type: currency, numeric, text or boolean")


def branch_types(expression: Expression, names: Names) -> list[Type]:
    """The types of what an expression may give: of each branch of `if` and `coalesce`, or its own."""

    def types(node: tree.Expr) -> list[Type]:
        if isinstance(node, tree.Conditional):
            return types(node.then) + types(node.otherwise)
        if isinstance(node, tree.Call) and node.word == "coalesce":
            return [kind for part in node.arguments if not isinstance(part, tree.Keyword) for kind in types(part)]
        try:
            return [compile_expression(expression.text[node.start : node.end], names).type]
        except ExpressionRefused:
            return ["any"]

    return types(parse(expression.text))

"""Literals of rules: the values that their conditions and expressions compare with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Scalar
from greenflash_kafka.expressions import tree
from greenflash_kafka.rules.rule import Rule


def literals(rules: Iterable[Rule]) -> frozenset[str]:
    """The texts, and numbers as text, that stand in the rules' conditions and in the expressions of their fields."""
    return frozenset(str(each) for rule in rules for each in _of_rule(rule))


def _of_rule(rule: Rule) -> Iterator[str | int | Decimal]:
    for condition in rule.info.conditions:
        if condition.kind == "when":
            text = condition.origin.text.encode("utf-8", "replace")
            yield from _scalars(parse(text, FileReport(condition.origin.file)))
    fields = (rule.expression(each.name) for each in rule.info.fields)
    lets = (let.expression for let in rule.code.parts.names.lets.values())
    for expression in (*rule.code.parts.wheres, *lets, *fields):
        if expression is not None and expression.source is not None:
            yield from _written(expression.source.tree)


def _scalars(node: object) -> Iterator[str]:
    """The values that stand in a piece of a mapping file."""
    if isinstance(node, Scalar):
        yield node.text
    elif isinstance(node, List):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Map):
        for entry in node.entries:
            yield from _scalars(entry.value)


def _written(part: object) -> Iterator[str | int | Decimal]:
    """The literals in an expression."""
    if isinstance(part, tree.Literal):
        if part.value is not None and not isinstance(part.value, bool):
            yield part.value
    elif isinstance(part, list | tuple):
        for each in part:
            yield from _written(each)
    elif isinstance(part, tree.Node):
        for name in part.__struct_fields__:
            yield from _written(getattr(part, name))

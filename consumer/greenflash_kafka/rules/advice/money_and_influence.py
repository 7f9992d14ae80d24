"""Advice about the fields of an event: influence, insert_id, money and its currency, the value's type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from greenflash_kafka.rules.advice.rule_facts import RuleFacts, constant
from greenflash_kafka.rules.event_fields import Merged, Written
from greenflash_kafka.rules.expressions import tree
from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.parser import parse
from greenflash_kafka.rules.expressions.refusals import ExpressionRefused
from greenflash_kafka.rules.expressions.values import Type

_VALUE_TYPES: Final[Mapping[Type, str]] = {
    "money": "currency",
    "number": "numeric",
    "boolean": "boolean",
    "text": "text",
    "time": "text",
}


def check_fields(facts: RuleFacts) -> None:
    """Advice about what an event should say."""
    merged, say = facts.merged, facts.report.add
    written = merged.single.keys() | merged.failed
    _kinds(facts, written)
    if "influence" not in written and "quality_impact_score" not in written:
        said = f"{facts.name} doesn't say whether it is good or bad news"
        say(facts.event_at, "missing-influence", said, "add influence: positive, negative or neutral")
    value = merged.single.get("value")
    money = value is not None and _is_money(value, merged)
    # Advice is for what runs: first comes what is wrong with the file.
    if "insert_id" not in written and not money and not facts.report.failed:
        said = f"{facts.name} has no insert_id: its name, and a message's place in the topic, make the events' ids"
        say(facts.event_at, "missing-insert-id", said, "add insert_id: = payload.<the fact's own id>")
    if value is None or not money:
        return
    if "insert_id" not in written:
        said = f"{facts.name} is worth money and has no insert_id: a record produced twice would count twice"
        say(value.at, "money-without-insert-id", said, "add insert_id: = payload.<the fact's own id>")
    said_currency = constant(merged.properties.get("currency"))
    known = value.expression.currency if value.expression is not None else None
    if known and isinstance(said_currency, str) and said_currency.upper() != known:
        said = f"{facts.name} gives an amount in {known} and says that it is in {said_currency}"
        say(merged.properties["currency"].at, "mixed-currencies", said, f"currency: {known}")
    if "currency" not in merged.properties and not merged.whole:
        said = f"{facts.name} says an amount and not in which currency"
        say(value.at, "money-without-currency", said, "add properties: {currency: ...}")


def _kinds(facts: RuleFacts, written: set[str]) -> None:
    """The value's type follows from the value; where that would change from message to message it must be said."""
    value = facts.merged.single.get("value")
    if value is None or value.expression is None or "value_type" in written or not value.expression.text:
        return
    kinds = [kind for kind in branch_types(value.expression, facts.names) if kind != "missing"]
    known = {_VALUE_TYPES[kind] for kind in kinds if kind in _VALUE_TYPES}
    if len(known) > 1 or ("currency" in known and "any" in kinds):
        said = "the value is of one kind in one case and of another in the other, so its value_type must be written"
        facts.report.add(value.at, "value-type-needed", said, "add value_type: currency, numeric, text or boolean")


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


def _is_money(value: Written, merged: Merged) -> bool:
    kind = constant(merged.single.get("value_type"))
    return kind == "currency" or (value.expression is not None and value.expression.type == "money")

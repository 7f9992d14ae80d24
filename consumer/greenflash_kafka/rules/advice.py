"""Advice of lint about rules that would run: money, influence, time of validity, collisions, transitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import BEGINNING, Place
from greenflash_kafka.rules import transitions
from greenflash_kafka.rules.conditions import ConditionLine
from greenflash_kafka.rules.event_fields import Merged, Written
from greenflash_kafka.rules.expressions import tree
from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import Names
from greenflash_kafka.rules.expressions.parser import parse
from greenflash_kafka.rules.expressions.refusals import ExpressionRefused
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.expressions.values import Type
from greenflash_kafka.rules.rule import Valid
from greenflash_kafka.rules.transitions import Declared
from greenflash_kafka.rules.when import Condition, Nest
from greenflash_kafka.rules.when_operators.all_operators import TRANSITIONS
from greenflash_kafka.rules.when_operators.when_operator import Literal

_VALUE_TYPES: Final[Mapping[Type, str]] = {
    "money": "currency",
    "number": "numeric",
    "boolean": "boolean",
    "text": "text",
    "time": "text",
}

Equalities = dict[tuple[str, tuple[str | int, ...]], tuple[Literal, ...]]


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What checks over one or several files need to know of a rule."""

    name: str
    at: Place
    report: FileReport
    event_at: Place
    merged: Merged
    names: Names
    conditions: tuple[Condition, ...]
    equalities: Equalities
    declared: Declared | None
    each: str
    first_match: bool
    valid: Valid | None = None
    valid_at: Place = BEGINNING


def advise(facts: RuleFacts, now: datetime) -> None:
    """Warnings about one rule."""
    _fields(facts)
    _transitions(facts.conditions, facts)
    valid = facts.valid
    if valid is not None and valid.until is not None and valid.until <= now:
        facts.report.add(facts.valid_at, "expired", f"the rule {facts.name} is over since {valid.until:%Y-%m-%d}")


def _fields(facts: RuleFacts) -> None:
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


def constant(written: Written | None) -> object:
    """The value of a field that is the same for every message, else None."""
    expression: Expression | None = written.expression if written is not None else None
    return expression.evaluate(Scope(None)) if expression is not None and expression.constant else None


def _transitions(conditions: Iterable[Condition], facts: RuleFacts) -> None:
    for condition in conditions:
        if isinstance(condition, Nest):
            for group in condition.groups:
                _transitions(group, facts)
            continue
        moved = [operator.name for operator in condition.operators if operator.name in TRANSITIONS]
        if not moved:
            continue
        by_list = all(name in ("changed", "to") for name in moved)
        known = transitions.has_shape(condition.path, facts.declared)
        if not known and not (by_list and transitions.by_list(condition.path)):
            said = f"nothing tells the earlier value of {condition.written}, so `{moved[0]}` never holds"
            hint = "name where it is: source: {before: payload.old, after: payload.new}"
            facts.report.add(condition.at, "no-earlier-value", said, hint)


def warn_of_collisions(rules: Iterable[RuleFacts], others: Iterable[RuleFacts]) -> None:
    """Warn of rules that may give one event type and insert_id for one message: `rules` of a file among each other,
    and with `others` that read the same topic."""
    seen: dict[object, list[RuleFacts]] = {}
    for other in others:
        seen.setdefault(_identity(other), []).append(other)
    for facts in rules:
        identity = _identity(facts)
        if identity is None:
            continue
        same = seen.setdefault(identity, [])
        colliding = next((other for other in same if not _exclusive(other, facts) and other.name != facts.name), None)
        if colliding is not None:
            said = f"{facts.name} and {colliding.name} may both match one message and give one insert_id"
            hint = "make one insert_id say which rule it is, or let the conditions exclude each other"
            facts.report.add(facts.at, "may-collide", said, hint)
        same.append(facts)


def _identity(facts: RuleFacts) -> object:
    """What the rule's events are told apart by, as far as it is written; None when nobody can say."""
    key = facts.merged.single.get("insert_id")
    event_type = constant(facts.merged.single.get("event_type"))
    if key is None or key.expression is None or event_type is None:
        return None
    return event_type, " ".join(key.expression.text.split()), facts.each


def _exclusive(one: RuleFacts, other: RuleFacts) -> bool:
    """Whether no message can match both: they want different values in one place, or only the first match counts."""
    if one.first_match and one.report is other.report:
        return True
    wanted = one.equalities
    return any(
        path in wanted and not any(_equal(a, b) for a in wanted[path] for b in literals)
        for path, literals in other.equalities.items()
    )


def _equal(one: Literal, other: Literal) -> bool:
    return (one.__class__ is bool) == (other.__class__ is bool) and one == other


def equalities(lines: Iterable[ConditionLine]) -> Equalities:
    """Which paths must equal one of which literals for a rule to match."""
    return dict(equality for line in lines if (equality := line.equality) is not None)

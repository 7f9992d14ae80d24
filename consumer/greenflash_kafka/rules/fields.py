"""Fields of a rule's event: constant, or computed for each message, and the form in which each is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope, descend
from greenflash_kafka.expressions.values import Value, plain_text, time_text, value_type
from greenflash_kafka.model.conversations import Link
from greenflash_kafka.model.event import Field, refusal
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.link import RuleLink
from greenflash_kafka.rules.link_search import EXTERNAL, INTERNAL, LinkSearch, own


@dataclass(frozen=True, slots=True)
class Fields:
    """What a rule's event is made of, defaults already merged in; `properties` by name, `whole` as one expression."""

    single: dict[str, Expression]
    properties: dict[str, Expression]
    whole: tuple[Expression, ...] = ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """All of them."""
        return (*self.single.values(), *self.properties.values(), *self.whole)


class FieldPlan:
    """The fields of one rule's event, sorted by how they come about.

    `constants`: the values that are the same for every message. `dynamic`: the other fields in the rules' order, but
    for `event_at`, `key` (the `insert_id`), `properties` and `layers` (properties given as a whole). `typed`: the
    rule says the `value_type` itself. `missing` has what is counted for a field that gives nothing, by its name.
    `link`: the rule's; `search` looks the conversation up for each message, but for a rule whose every event has the
    same conversation, written in the file: then `own` is the link of all. `written` has all expressions by their names.
    """

    __slots__ = (
        "constants",
        "dynamic",
        "event_at",
        "key",
        "layers",
        "link",
        "missing",
        "own",
        "properties",
        "rule",
        "search",
        "typed",
        "written",
    )

    def __init__(self, rule: str, fields: Fields, link: RuleLink | None = None) -> None:
        self.rule = rule
        self.link = link
        self.constants: dict[str, object] = {}
        self.dynamic: list[tuple[str, Expression]] = []
        single = dict(fields.single)
        self.written = {**single, **{f"properties.{name}": each for name, each in fields.properties.items()}}
        if fields.whole:
            self.written["properties"] = fields.whole[-1]
        self.key = single.pop("insert_id", None)
        self.event_at = single.pop("event_at", None)
        for name, expression in single.items():
            if not (expression.constant and self._constant(name, expression)):
                # A constant that gives nothing is said anew for every message, as any other expression would be.
                self.dynamic.append((name, expression))
        self.typed = "value_type" in single
        if self.typed:
            self.constants.pop("value_type", None)
            if single["value_type"].constant:
                self.constants["value_type"] = single["value_type"].evaluate(_NOWHERE)
        self.properties = fields.properties
        self.layers = fields.whole
        counted = ["event_at", *fields.single, *(f"properties.{name}" for name in fields.properties), "properties"]
        self.missing = {name: Count("missing", rule, name) for name in counted}
        written = self.constants.get(EXTERNAL) or self.constants.get(INTERNAL)
        self.own: Link | None = own(str(written)) if link is not None and written is not None else None
        self.search = LinkSearch(link) if link is not None and self.own is None else None
        if self.search is not None:
            # An id that is written and empty isn't one: the search may find another, as for one that is computed.
            empty = [name for name in (EXTERNAL, INTERNAL) if self.constants.pop(name, None) is not None]
            self.dynamic += [(name, single[name]) for name in empty]

    def _constant(self, name: str, expression: Expression) -> bool:
        try:
            value = expression.evaluate(_NOWHERE)
        except EvaluationError:
            return False
        if name == "value":
            text = plain_text(value)
            if not text:
                return False
            self.constants["value"] = text
            self.constants.setdefault("value_type", value_type(value))
        elif value is None:
            return False
        else:
            self.constants[name] = canonical(Scope(None), value)
        return True


_NOWHERE: Final = Scope(None)
"""The scope of what reads nothing."""


def canonical(scope: Scope, value: object, depth: int = 0) -> object:
    """A value as an event holds it: plain text for money and times, however deep; numbers stay as they are.

    Raises EvaluationError `limit` for what is too deep, or has more parts than the message has steps left.
    """
    kind = value.__class__
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, list):
        descend(scope, len(value), depth)
        return [canonical(scope, element, depth + 1) for element in value]
    if isinstance(value, dict):
        descend(scope, len(value), depth)
        return {name: canonical(scope, part, depth + 1) for name, part in value.items()}
    return value


def literal_refusal(field: Field, value: Value) -> str | None:
    """What the API would refuse about a literal in this field, None when nothing."""
    if field.name == "value":
        return None if plain_text(value) else "is empty"
    if field.kind == "time":
        return None
    return refusal(field, value)

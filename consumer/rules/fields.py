"""An event's fields: read from `event` and `defaults`, compiled, and built for one message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consumer.model.event import FIELD, Field, refusal
from consumer.model.outcome import Count
from consumer.model.problem import Problem
from consumer.rules.draft import Draft
from consumer.rules.expressions.expression import Expression
from consumer.rules.expressions.refusals import EvaluationError
from consumer.rules.expressions.scope import Scope, descend
from consumer.rules.expressions.values import Value, plain_text, time_text, value_type
from consumer.rules.readers import read_time

Evaluate = Callable[[Scope], Value]

_MISSING_KEY: Final = "the insert_id is missing or empty, so the event couldn't be told apart from others"


@dataclass(frozen=True, slots=True)
class Fields:
    """What a rule's event is made of, defaults already merged in; `properties` by name, `whole` as one expression."""

    single: dict[str, Expression]
    properties: dict[str, Expression]
    whole: tuple[Expression, ...] = ()


class EventBuilder:
    """Builds the drafts of one rule."""

    __slots__ = ("_constants", "_dynamic", "_event_at", "_key", "_layers", "_missing", "_properties", "_rule", "_typed")

    def __init__(self, rule: str, fields: Fields) -> None:
        self._rule = rule
        self._constants: dict[str, object] = {}
        self._dynamic: list[tuple[str, Evaluate, bool]] = []
        self._key: Evaluate | None = None
        self._event_at: Evaluate | None = None
        for name, expression in fields.single.items():
            if name == "insert_id":
                self._key = expression.evaluate
            elif name == "event_at":
                self._event_at = expression.evaluate
            elif expression.constant:
                self._constant(name, expression)
            else:
                self._dynamic.append((name, expression.evaluate, FIELD[name].required))
        self._typed = "value_type" in fields.single
        if self._typed:
            self._constants.pop("value_type", None)
            if fields.single["value_type"].constant:
                self._constants["value_type"] = fields.single["value_type"].evaluate(_NOWHERE)
        self._properties = [(name, part.evaluate) for name, part in fields.properties.items()]
        self._layers = [part.evaluate for part in fields.whole]
        counted = [*fields.single, *(f"properties.{name}" for name in fields.properties), "properties"]
        self._missing = {name: Count("missing", rule, name) for name in counted}

    def _constant(self, name: str, expression: Expression) -> None:
        try:
            value = expression.evaluate(_NOWHERE)
        except EvaluationError:
            value = None
        if name == "value":
            text = plain_text(value)
            if text:
                self._constants["value"] = text
                self._constants.setdefault("value_type", value_type(value))
                return
        elif value is not None:
            self._constants[name] = canonical(Scope(None), value)
            return
        # A constant that gives nothing is said anew for every message, as any other expression would be.
        self._dynamic.append((name, expression.evaluate, FIELD[name].required))

    def event_at(self, scope: Scope) -> datetime | None:
        """The time that the rule gives the event; None when it gives none, or can't work it out."""
        try:
            return self._time(scope)
        except EvaluationError:
            return None

    def _time(self, scope: Scope) -> datetime | None:
        value = self._event_at(scope) if self._event_at is not None else None
        return value if value is None or isinstance(value, datetime) else read_time(value, scope.record_ms)

    def build(
        self, scope: Scope, item: int | None, drafts: list[Draft], problems: list[Problem], counts: list[Count]
    ) -> None:
        """Add the draft, or the problems that keep it from being one, and what was left out of it."""
        fields = self._constants.copy()
        before = len(problems)
        for name, evaluate, required in self._dynamic:
            try:
                value: object = evaluate(scope)
                if name == "value":
                    value = self._value(value, fields)
                elif value.__class__ is not str and value is not None:
                    value = canonical(scope, value)
            except EvaluationError as error:
                if required:
                    problems.append(Problem(error.code, error.message, self._rule, item, name))
                else:
                    counts.append(Count(error.code, self._rule, name))
                continue
            if value is not None:
                fields[name] = value
            elif required:
                problems.append(Problem("missing", "is required, and there is nothing", self._rule, item, name))
            else:
                counts.append(self._missing[name])
        if self._event_at is not None:
            self._put_time(scope, fields, counts)
        if self._properties or self._layers:
            self._put_properties(scope, fields, counts)
        key = self._read_key(scope, item, problems) if self._key is not None else None
        if len(problems) == before:
            drafts.append(Draft(self._rule, item, fields, key))

    def _value(self, value: object, fields: dict[str, object]) -> str | None:
        """The value's text; an empty one counts as missing. Its type follows from it where the rule says none."""
        if value is None:
            return None
        text = plain_text(value)
        if text is None:
            raise EvaluationError("type-mismatch", "a list or an object can't be a value; pick a part of it, or join()")
        if not text:
            return None
        if not self._typed:
            fields["value_type"] = value_type(value)
        return text

    def _put_time(self, scope: Scope, fields: dict[str, object], counts: list[Count]) -> None:
        try:
            moment = self._time(scope)
        except EvaluationError as error:
            counts.append(Count(error.code, self._rule, "event_at"))
            return
        if moment is None:
            counts.append(self._missing["event_at"])
        else:
            fields["event_at"] = moment

    def _put_properties(self, scope: Scope, fields: dict[str, object], counts: list[Count]) -> None:
        properties: dict[str, object] = {}
        for evaluate in self._layers:
            try:
                whole = evaluate(scope)
                if whole is not None and not isinstance(whole, dict):
                    raise EvaluationError("type-mismatch", "properties must be an object")
                layer = canonical(scope, whole)
            except EvaluationError as error:
                counts.append(Count(error.code, self._rule, "properties"))
                continue
            if not isinstance(layer, dict):
                counts.append(self._missing["properties"])
            else:
                properties.update((name, part) for name, part in layer.items() if part is not None)
        for name, evaluate in self._properties:
            properties.pop(name, None)
            try:
                value: object = evaluate(scope)
                if value.__class__ is not str:
                    value = canonical(scope, value)
            except EvaluationError as error:
                counts.append(Count(error.code, self._rule, f"properties.{name}"))
                continue
            if value is None:
                counts.append(self._missing[f"properties.{name}"])
            else:
                properties[name] = value
        if properties:
            fields["properties"] = properties

    def _read_key(self, scope: Scope, item: int | None, problems: list[Problem]) -> str | None:
        said = _MISSING_KEY
        try:
            value = self._key(scope) if self._key is not None else None
        except EvaluationError as error:
            value, said = None, f"the insert_id can't be worked out: {error.code}: {error.message}"
        key = None if isinstance(value, bool) else plain_text(value)
        if not key:
            if value is not None and value != "":
                said = "the insert_id must be a text, a number or a time"
            problems.append(Problem("no-insert-id", said, self._rule, item, "insert_id"))
        return key


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

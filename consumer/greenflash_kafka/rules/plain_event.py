"""The plain event builder: step by step, reporting every problem. Compiled events fall back on it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from msgspec import UNSET

from greenflash_kafka.model.conversations import Link
from greenflash_kafka.model.event import FIELD, Event
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.draft import Draft
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.expressions.values import plain_text, value_type
from greenflash_kafka.rules.fields import FieldPlan, canonical
from greenflash_kafka.rules.link_search import EXTERNAL, INTERNAL
from greenflash_kafka.rules.readers import read_time

_MISSING_KEY: Final = "the insert_id is missing or empty, so the event couldn't be told apart from others"


class PlainEvent:
    """Builds the drafts of one rule, and says what keeps an event from being one."""

    __slots__ = (
        "_constants",
        "_dynamic",
        "_event_at",
        "_key",
        "_layers",
        "_missing",
        "_own",
        "_properties",
        "_rule",
        "_search",
        "_typed",
    )

    def __init__(self, parts: FieldPlan) -> None:
        self._rule = parts.rule
        self._constants = parts.constants
        self._dynamic = [(name, part.evaluate, FIELD[name].required) for name, part in parts.dynamic]
        self._key = parts.key.evaluate if parts.key is not None else None
        self._event_at = parts.event_at.evaluate if parts.event_at is not None else None
        self._typed = parts.typed
        self._properties = [(name, part.evaluate) for name, part in parts.properties.items()]
        self._layers = [part.evaluate for part in parts.layers]
        self._missing = parts.missing
        self._search = parts.search
        self._own = parts.own

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
        self, scope: Scope, item: int | None, drafts: list[Draft | Event], problems: list[Problem], counts: list[Count]
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
        elif scope.record_ms is None:
            counts.append(self._missing["event_at"])
        link = scope.conversation = self._own if self._search is None else self._link(scope, fields)
        if self._properties or self._layers:
            self._put_properties(scope, fields, counts)
        key = self._read_key(scope, item, problems) if self._key is not None else None
        if len(problems) == before:
            drafts.append(Draft(self._rule, item, fields, key, link))

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

    def _link(self, scope: Scope, fields: dict[str, object]) -> Link:
        """Look the conversation up and put its id among the fields, before the event's time."""
        assert self._search is not None
        external, internal = fields.pop(EXTERNAL, None), fields.pop(INTERNAL, None)
        moment = fields.pop("event_at", None)
        at = moment if isinstance(moment, datetime) else None
        values = [fields.get(name) for name in self._search.fields]
        product = str(fields.get("product_id") or "")
        link, external, internal = self._search(scope, product, external, internal, at, values)
        found = {EXTERNAL: external, INTERNAL: internal, "event_at": moment}
        fields.update((name, value) for name, value in found.items() if value is not None and value is not UNSET)
        return link

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

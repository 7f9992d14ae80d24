"""The plain event builder: an event step by step, with a dict of its fields, as the language's page reads.

It is the oracle of compiled events (`rules/event_code.py`), and shares with them what the API accepts
(`model.event.refusals`), what expressions give, and the search for conversations: not the order of the steps, not the
problems, the `insert_id` or the JSON.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from msgspec import UNSET

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import NAMES, number_text, plain_text, type_of, value_type
from greenflash_kafka.model.body import NotRenderable, encode, written
from greenflash_kafka.model.conversations import Link
from greenflash_kafka.model.event import FIELD, Event, refusals
from greenflash_kafka.model.insert_id import of_message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.event_values import read_time
from greenflash_kafka.rules.fields import FieldPlan, canonical
from greenflash_kafka.rules.link_search import EXTERNAL, INTERNAL
from greenflash_kafka.rules.rejected_event import RejectedEvent
from greenflash_kafka.rules.results import Draft

_MISSING_KEY: Final = "the insert_id is missing or empty, so the event couldn't be told apart from others"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SHOWN: Final = 60
_JSON: Final = json.JSONEncoder(ensure_ascii=True, default=str)


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

    def _time(self, scope: Scope) -> datetime | None:
        value = self._event_at(scope) if self._event_at is not None else None
        return value if value is None or isinstance(value, datetime) else read_time(value, scope.record_ms)

    def build(self, scope: Scope, drafts: list[Draft], problems: list[Problem], counts: list[Count]) -> None:
        """Add the event, or the problems that keep it from being one, and what was left out of it."""
        item = scope.index
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
                problems.append(Problem("missing", "is required, but missing or empty", self._rule, item, name))
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
            drafts.append(self._finished(scope, fields, key, link))

    def _finished(self, scope: Scope, fields: dict[str, object], key: str | None, link: Link | None) -> Draft:
        """The event with its time and its identity, or everything that the API would reject about it."""
        rule, item = self._rule, scope.index
        problems = _put_record_time(scope, rule, fields)
        if key is not None:
            text = f"{fields.get('event_type')}:{key}"
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            fields["insert_id"] = text if len(text) <= 255 else f"{text[:190]}-{digest}"
        else:
            fields["insert_id"] = of_message(rule, scope.kafka.message, scope.context, item)
        problems += [
            Problem("not-allowed", wrong + _fix(name, fields), rule, item, name, _shown(fields.get(name)))
            for name, wrong in refusals(fields)
        ]
        identity = str(fields["insert_id"])
        if problems:
            return RejectedEvent(rule, item, identity, tuple(problems))
        try:
            body = render(fields)
        except NotRenderable as error:
            wrong = Problem("not-allowed", str(error), rule, item, "properties")
            return RejectedEvent(rule, item, identity, (wrong,), unwritable=True)
        sampled = "sample_rate" in fields and not fields.get("force_sample")
        return Event(rule, item, identity, body, sampled, link)

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


def _put_record_time(scope: Scope, rule: str, fields: dict[str, object]) -> list[Problem]:
    """Give an event without a time its record's; a problem if that lies outside the years 1970 to 9999."""
    ms = scope.record_ms
    if "event_at" in fields or ms is None:
        return []
    try:
        if ms < 0:
            raise OverflowError
        moment = _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        said = "the record's own timestamp lies outside the years 1970 to 9999; give the rule an event_at"
        return [Problem("bad-time", said, rule, scope.index, "event_at")]
    properties = fields.pop("properties", None)
    fields["event_at"] = moment
    if properties is not None:
        fields["properties"] = properties
    return []


def render(fields: Mapping[str, object]) -> bytes:
    """The JSON of an event's fields, by wire names. Raises `NotRenderable`."""
    try:
        return encode({FIELD[name].wire: written(value) for name, value in fields.items()})
    except RecursionError:
        raise NotRenderable("has more levels than can be written") from None
    except UnicodeEncodeError:
        raise NotRenderable("holds half of a UTF-16 pair, which is not text") from None


def _fix(name: str, fields: dict[str, object]) -> str:
    """The fix for a number in a text field: ids are the usual case."""
    value = fields.get(name)
    number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return "; write text(...)" if number and FIELD[name].kind in ("text", "uuid") else ""


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        # Writing out ten megabytes to show sixty characters of them would hold up every other message.
        return NAMES[type_of(value)]
    if isinstance(value, str):
        value = value[: _SHOWN + 1]
    text = number_text(value) if isinstance(value, Decimal) else _JSON.encode(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."

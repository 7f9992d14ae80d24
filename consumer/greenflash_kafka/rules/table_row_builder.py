"""Rows of tables from topics: what a table of a mapping file makes of a message of its topic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import NAMES, Value, plain_text, type_of
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.model.topic_tables import LONGEST_KEY, LONGEST_ROW, TableRow
from greenflash_kafka.rules.event_values import problem
from greenflash_kafka.rules.results import Draft

_ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode


class TableRowBuilder:
    """Builds the rows of one table; used by `Rule` as the builder of events is.

    `key`: what a row is looked up by. `before`: the same, of the row before a change, under Debezium's envelope; None
    under others. `field`: the key's last word, by which it is found in the record's key.
    """

    __slots__ = ("_before", "_deleted", "_field", "_fields", "_key", "_source", "_written")

    def __init__(
        self,
        source: str,
        key: Expression,
        before: Expression | None,
        field: str,
        fields: Mapping[str, Expression],
        deleted: Expression | None,
    ) -> None:
        self._source = source
        self._key = key.evaluate
        self._before = before.evaluate if before is not None else None
        self._field = field
        self._fields = tuple((name, each.evaluate) for name, each in fields.items())
        self._deleted = deleted.evaluate if deleted is not None else None
        self._written = {"key": key, **{f"fields.{name}": each for name, each in fields.items()}}

    def constant(self, field: str) -> str | None:  # noqa: ARG002 - the builder of events needs it
        """None: no event is built."""
        return None

    def expression(self, field: str) -> Expression | None:
        """The expression of `key`, or of a field as `fields.x`; None if it isn't written."""
        return self._written.get(field)

    def build(self, scope: Scope, drafts: list[Draft], problems: list[Problem], counts: list[Count]) -> None:  # noqa: ARG002
        """Add the row, or the problem that keeps it from being one."""
        part = "key"
        try:
            if scope.payload is None or self._is_deletion(scope.payload):
                drafts.append(TableRow(self._source, self._key_of_deleted(scope), None))
                return
            key = _text(self._key(scope))
            part = "deleted"
            if self._deleted is not None and self._deleted(scope) is True:
                drafts.append(TableRow(self._source, key, None))
                return
            part = "fields"
            drafts.append(TableRow(self._source, key, self._row(scope)))
        except EvaluationError as error:
            problems.append(problem(error, self._source, None, part))

    def _is_deletion(self, payload: object) -> bool:
        return self._before is not None and isinstance(payload, dict) and payload.get("op") == "d"

    def _key_of_deleted(self, scope: Scope) -> str:
        """The key of a row that a message deletes: of the row as it was, else of the record's key."""
        before = self._before(scope) if self._before is not None and scope.payload is not None else None
        return _text(_in_record_key(scope.kafka.key, self._field) if before is None else before)

    def _row(self, scope: Scope) -> str:
        values = [_cell(evaluate(scope)) for _, evaluate in self._fields]
        text = _ENCODE(values).decode()
        if len(text) > LONGEST_ROW:
            raise EvaluationError("limit", f"the row's fields have more than {LONGEST_ROW:,} characters")
        return text


def _text(value: Value) -> str:
    """The text of a key, as look-ups have it. Raises EvaluationError."""
    if isinstance(value, list | dict):
        raise EvaluationError("type-mismatch", f"a key is a text or a number, not {NAMES[type_of(value)]}")
    text = plain_text(value)
    if not text:
        raise EvaluationError("missing", "the row's key is required, but missing or empty")
    if len(text) > LONGEST_KEY:
        raise EvaluationError("limit", f"the row's key has more than {LONGEST_KEY:,} characters")
    return text


def _cell(value: Value) -> object:
    """A value as JSON holds it exactly."""
    if isinstance(value, str | datetime):
        return plain_text(value)
    return value


def _in_record_key(key: Value, field: str) -> Value:
    """The row's key in the record's: a text or number that is it, or an object that has it, as connectors write keys,
    with or without their schema. Raises EvaluationError for one that has to be decoded first: nothing would be
    deleted by it, and nobody would know."""
    if isinstance(key, str) and key.startswith("\0"):
        said = "the record's key, by which it deletes a row, is written by a schema; say `source: {key: auto}`"
        raise EvaluationError("type-mismatch", said)
    if isinstance(key, str) and key.lstrip().startswith("{"):
        try:
            key = json.loads(key)
        except ValueError:
            return key
    if isinstance(key, dict) and isinstance(key.get("payload"), dict) and "schema" in key:
        key = key["payload"]
    if not isinstance(key, dict):
        return key
    found: Value = key.get(field)
    return found

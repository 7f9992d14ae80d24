"""Activities of conversations: what a conversation of a mapping file makes of a message that it matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import NAMES, Value, plain_text, type_of
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELD, Field, refusal
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.event_values import moment, problem
from greenflash_kafka.rules.results import Draft

LONGEST_ID: Final = 1_024
"""Characters of a conversation's id; what is longer is no id, but a text that was taken for one."""

_END_MS: Final = 253_402_300_800_000
"""The first millisecond of the year 10000."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_KEY: Final = FIELD["external_user_id"]
_Part = TypeVar("_Part")


class ActivityBuilder:
    """Builds the activities of one conversation source; used by `Rule` as the builder of events is."""

    __slots__ = ("_at", "_field", "_id", "_keys", "_name", "_source", "_written")

    def __init__(
        self,
        source: str,
        id_: Expression,
        at: Expression | None,
        keys: Iterable[tuple[str, Expression]],
        *,
        greenflash_id: bool = False,
    ) -> None:
        self._source = source
        self._id = id_.evaluate
        self._at = at.evaluate if at is not None else None
        named = dict(keys)
        self._keys = tuple((name, f"keys.{name}", partial(_text, key.evaluate, _KEY)) for name, key in named.items())
        self._name = "greenflash_id" if greenflash_id else "id"
        self._written = {self._name: id_} if at is None else {self._name: id_, "at": at}
        self._written |= {f"keys.{name}": key for name, key in named.items()}
        self._field = FIELD["conversation_id" if greenflash_id else "external_conversation_id"]

    def constant(self, field: str) -> str | None:  # noqa: ARG002 - the builder of events needs it
        """None: no event is built."""
        return None

    def expression(self, field: str) -> Expression | None:
        """The expression of this field, `keys.x` for one of the keys; None if it isn't written."""
        return self._written.get(field)

    def build(self, scope: Scope, drafts: list[Draft], problems: list[Problem], counts: list[Count]) -> None:
        """Add the activity, or the problems that keep it from being one; a key in error is a problem and is left
        out. What has no key at all nobody could find: it is counted."""

        def part(name: str, read: Callable[[Scope], _Part | None]) -> _Part | None:
            try:
                return read(scope)
            except EvaluationError as error:
                problems.append(problem(error, self._source, scope.index, name))
                return None

        conversation, at = part(self._name, self._read_id), part("at", self._read_at)
        if conversation is None or at is None:
            return
        before = len(problems)
        keys = [(name, part(field, read)) for name, field, read in self._keys]
        found = tuple((name, text) for name, text in keys if text)
        if found:
            drafts.append(Activity(self._source, scope.index, conversation, at, found))
        elif len(problems) == before:
            counts.append(Count("missing", self._source, "keys"))

    def _read_id(self, scope: Scope) -> str:
        """At most LONGEST_ID characters that can stand in the event's field."""
        text = _text(self._id, None, scope)
        if not text:
            raise EvaluationError("missing", "the conversation's id is required, but missing or empty")
        if len(text) > LONGEST_ID:
            raise EvaluationError("limit", f"the conversation's id has more than {LONGEST_ID:,} characters")
        return _accepted(text, self._field)

    def _read_at(self, scope: Scope) -> int:
        """Milliseconds since 1970."""
        if self._at is None:
            at, nothing = scope.record_ms, "the record has no timestamp; give the conversation an `at`"
        else:
            value, nothing = self._at(scope), "the time of the interaction is required, but missing or empty"
            at = None if value is None else (moment(scope, value) - _EPOCH) // _MILLISECOND
        if at is None:
            raise EvaluationError("missing", nothing)
        if not 0 <= at < _END_MS:
            raise EvaluationError("bad-time", "this lies outside the years 1970 to 9999")
        return at


def _text(evaluate: Callable[[Scope], Value], field: Field | None, scope: Scope) -> str | None:
    """The text of an id: of a number as `text()` gives it. Raises EvaluationError."""
    value = evaluate(scope)
    if isinstance(value, bool | list | dict):
        raise EvaluationError("type-mismatch", f"an id is a text or a number, not {NAMES[type_of(value)]}")
    text = plain_text(value)
    return _accepted(text, field) if text and field is not None else text


def _accepted(text: str, field: Field) -> str:
    """The text, if it can stand in the field. Raises EvaluationError."""
    wrong = refusal(field, text)
    if wrong is not None:
        raise EvaluationError("not-allowed", wrong)
    return text

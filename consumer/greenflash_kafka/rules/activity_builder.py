"""Activities of conversations: what a conversation of a mapping file makes of a message that it matches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.event import FIELD, refusal
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.expressions.expression import Expression
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.expressions.values import NAMES, Value, plain_text, type_of
from greenflash_kafka.rules.readers import read_time
from greenflash_kafka.rules.results import Draft

LONGEST_ID: Final = 1_024
"""Characters of a conversation's id; what is longer is no id, but a text that was taken for one."""

_END_MS: Final = 253_402_300_800_000
"""The first millisecond of the year 10000."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_KEY: Final = FIELD["external_user_id"]


class ActivityBuilder:
    """Builds the activities of one conversation source; used by `Rule` as the builder of events is."""

    __slots__ = ("_at", "_field", "_id", "_keys", "_name", "_source")

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
        self._keys = tuple((name, key.evaluate) for name, key in keys)
        self._name = "greenflash_id" if greenflash_id else "id"
        self._field = FIELD["conversation_id" if greenflash_id else "external_conversation_id"]

    @property
    def event_type(self) -> str | None:
        """None: no event is built."""
        return None

    def event_at(self, scope: Scope) -> datetime | None:  # noqa: ARG002 - the builder of events needs it
        """None: a conversation has no `valid`, which alone asks for it."""
        return None

    def build(self, scope: Scope, drafts: list[Draft], problems: list[Problem], counts: list[Count]) -> None:
        """Add the activity, or the problems that keep it from being one; a key in error is a problem and is left
        out. What has no key at all nobody could find: it is counted."""
        before = len(problems)
        conversation = self._read_id(scope, problems)
        at = self._read_at(scope, problems)
        if conversation is None or at is None or len(problems) > before:
            return
        keys: list[tuple[str, str]] = []
        for name, evaluate in self._keys:
            try:
                text = _text(evaluate(scope))
            except EvaluationError as error:
                problems.append(self._problem(error, scope, f"keys.{name}"))
                continue
            wrong = refusal(_KEY, text) if text else None
            if wrong is not None:
                problems.append(Problem("not-allowed", wrong, self._source, scope.index, f"keys.{name}"))
            elif text:
                keys.append((name, text))
        if keys:
            drafts.append(Activity(self._source, scope.index, conversation, at, tuple(keys)))
        elif len(problems) == before:
            counts.append(Count("missing", self._source, "keys"))

    def _read_id(self, scope: Scope, problems: list[Problem]) -> str | None:
        try:
            text = _text(self._id(scope))
        except EvaluationError as error:
            problems.append(self._problem(error, scope, self._name))
            return None
        if not text:
            said = "the conversation's id is required, and there is nothing"
            problems.append(Problem("missing", said, self._source, scope.index, self._name))
            return None
        if len(text) > LONGEST_ID:
            said = f"the conversation's id has more than {LONGEST_ID:,} characters"
            problems.append(Problem("limit", said, self._source, scope.index, self._name))
            return None
        wrong = refusal(self._field, text)
        if wrong is not None:
            problems.append(Problem("not-allowed", wrong, self._source, scope.index, self._name))
            return None
        return text

    def _read_at(self, scope: Scope, problems: list[Problem]) -> int | None:
        """Milliseconds since 1970."""
        if self._at is None:
            at = scope.record_ms
            said = "the record has no timestamp; give the conversation an `at`"
        else:
            said = "the time of the interaction is required, and there is nothing"
            try:
                at = _milliseconds(self._at(scope), scope.record_ms)
            except EvaluationError as error:
                problems.append(self._problem(error, scope, "at"))
                return None
        if at is None:
            problems.append(Problem("missing", said, self._source, scope.index, "at"))
        elif not 0 <= at < _END_MS:
            said = "this lies outside the years 1970 to 9999"
            problems.append(Problem("bad-time", said, self._source, scope.index, "at"))
            return None
        return at

    def _problem(self, error: EvaluationError, scope: Scope, field: str) -> Problem:
        return Problem(error.code, error.message, self._source, scope.index, field)


def _milliseconds(value: Value, record_ms: int | None) -> int | None:
    """Of a time, or the text of one. Raises EvaluationError."""
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else read_time(value, record_ms)
    if moment.tzinfo is None:
        raise EvaluationError("bad-time", "this is a time without a zone")
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000


def _text(value: Value) -> str | None:
    """The text of an id: of a number as `text()` gives it. Raises EvaluationError."""
    if value is None:
        return None
    if isinstance(value, bool | list | dict):
        raise EvaluationError("type-mismatch", f"an id is a text or a number, not {NAMES[type_of(value)]}")
    return plain_text(value)

"""One compiled rule: which messages (and items) it matches, and the event that it then gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from consumer.model.event import Event
from consumer.model.outcome import Count
from consumer.model.problem import Problem
from consumer.rules.conditions import Line
from consumer.rules.draft import Draft
from consumer.rules.event_builder import EventBuilder
from consumer.rules.expressions.expression import Expression
from consumer.rules.expressions.refusals import EvaluationError
from consumer.rules.expressions.scope import Scope

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Valid(msgspec.Struct, frozen=True):
    """From when (inclusive) until when (exclusive) a rule holds, by the event's own time."""

    since: datetime | None
    until: datetime | None


class Each(msgspec.Struct, frozen=True):
    """The list whose items a rule runs over; rules of one file with the same `text` share its evaluation."""

    text: str
    expression: Expression


class FileFacts(msgspec.Struct, frozen=True):
    """What rules of one file share at run time."""

    path: str
    order: int
    json_key: bool
    first_match: bool


class Result:
    """What evaluation has come to so far, for one message; filled by the rules."""

    __slots__ = ("counts", "drafts", "problems")

    def __init__(self) -> None:
        self.drafts: list[Draft | Event] = []
        self.problems: list[Problem] = []
        self.counts: list[Count] = []


class Rule:
    """Compiled and immutable. `match` says None for a match, else the condition that failed first, as it is written."""

    __slots__ = (
        "_after",
        "_asks_for_nothing",
        "_before",
        "_builder",
        "_valid",
        "_wheres",
        "each",
        "file",
        "has_key",
        "lines",
        "name",
        "order",
    )

    def __init__(
        self,
        name: str,
        order: int,
        file: FileFacts,
        lines: tuple[Line, ...],
        wheres: tuple[Expression, ...],
        builder: EventBuilder,
        *,
        each: Each | None = None,
        valid: Valid | None = None,
        has_key: bool = True,
        asks_for_nothing: bool = False,
    ) -> None:
        self.name = name
        self.order = order
        self.file = file
        self.lines = lines
        self.each = each
        self.has_key = has_key
        self._asks_for_nothing = asks_for_nothing
        plain = [line for line in lines if line.let is None]
        # What `let` can make fail comes after what can't, as the language promises; then `where`.
        first = [line for line in plain if each is None or not line.uses_item]
        last = [line for line in plain if each is not None and line.uses_item]
        last += [line for line in lines if line.let is not None]
        self._before = tuple((line.check, line.written) for line in first)
        self._after = tuple((line.check, line) for line in last)
        self._wheres = tuple((where.evaluate, where.uses_item) for where in wheres)
        self._valid = valid
        self._builder = builder

    def match_message(self, scope: Scope, result: Result) -> str | None:
        """The conditions that need no item and no `let`: None if all hold, else the first that doesn't.

        A message without a payload (a tombstone, JSON's null) matches only rules that ask for that: a test of a
        missing field would hold on every one of them.
        """
        if scope.payload is None and not self._asks_for_nothing:
            return "payload"
        counts = result.counts
        for check, written in self._before:
            if not check(scope, counts):
                return written
        return None

    def match_rest(self, scope: Scope, result: Result, *, items: bool = True) -> str | None:
        """The other conditions, in the language's order. Without `items` only those that need no item.

        Raises Broken when a `let` or `where` is in error: then nobody knows whether the rule matches.
        """
        counts = result.counts
        for check, line in self._after:
            if items or not line.uses_item:
                try:
                    if not check(scope, counts):
                        return line.written
                except EvaluationError as error:
                    raise Broken(self._problem(error, scope, f"let.{line.let}"), line.written) from None
        for evaluate, uses_item in self._wheres:
            if items or not uses_item:
                try:
                    value = evaluate(scope)
                    if value is not None and value.__class__ is not bool:
                        raise EvaluationError("type-mismatch", "`where` must come out true or false")
                except EvaluationError as error:
                    raise Broken(self._problem(error, scope, "where"), "where") from None
                if value is not True:
                    return "where"
        if self._valid is not None and items and not self._holds_at(scope):
            return "valid"
        return None

    def build(self, scope: Scope, result: Result) -> None:
        """Add the event, or what keeps it from being one."""
        self._builder.build(scope, result.drafts, result.problems, result.counts)

    def _problem(self, error: EvaluationError, scope: Scope, field: str) -> Problem:
        return Problem(error.code, error.message, self.name, scope.index, field)

    def _holds_at(self, scope: Scope) -> bool:
        """Whether the event's own time, else the record's, lies in the rule's time of validity."""
        moment = self._builder.event_at(scope)
        if moment is None:
            moment = _record_time(scope.record_ms or 0)
        valid = self._valid
        if valid is None:
            return True
        return (valid.since is None or moment >= valid.since) and (valid.until is None or moment < valid.until)


def _record_time(ms: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        # Beyond every calendar, and so beyond every rule's `until`, or before every `from`.
        return datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC) if ms > 0 else datetime(1, 1, 1, tzinfo=UTC)


class Broken(Exception):
    """Whether a rule matches can't be told; `condition` is where, as an explanation names it."""

    def __init__(self, problem: Problem, condition: str) -> None:
        self.problem = problem
        self.condition = condition

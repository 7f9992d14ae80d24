"""One compiled rule: the messages (and items) that it matches, and the event that it gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules import matching
from greenflash_kafka.rules.activity_builder import ActivityBuilder
from greenflash_kafka.rules.conditions import ConditionLine
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.expressions.expression import Expression
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.field_usage import ALL, Steps
from greenflash_kafka.rules.link import RuleLink
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.rule_info import RuleInfo

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


class Rule:
    """Compiled and immutable, but for what is compiled when it is first needed.

    A message is asked in this order: `holds`, `match_message`, then, for each item, `wants` and `holds_item`, and
    `match_rest`. `failing` and `failing_item` say which condition failed first, as they are written.
    """

    __slots__ = (
        "_after",
        "_alone",
        "_asks_for_nothing",
        "_before",
        "_builder",
        "_items",
        "_message",
        "_valid",
        "_wheres",
        "asks_no_more",
        "each",
        "file",
        "has_key",
        "holds",
        "holds_item",
        "identity",
        "info",
        "lines",
        "link",
        "name",
        "order",
        "reads",
        "wants",
    )

    def __init__(
        self,
        name: str,
        order: int,
        file: FileFacts,
        lines: tuple[ConditionLine, ...],
        wheres: tuple[Expression, ...],
        builder: EventBuilder | ActivityBuilder,
        info: RuleInfo,
        *,
        each: Each | None = None,
        valid: Valid | None = None,
        has_key: bool = True,
        identity: str = "",
        asks_for_nothing: bool = False,
        reads: frozenset[Steps] = ALL,
        link: RuleLink | None = None,
    ) -> None:
        self.name = name
        self.order = order
        self.file = file
        self.lines = lines
        self.each = each
        self.has_key = has_key
        self.identity = identity or name
        """What the ids of its events are made of, beside what is in the messages."""
        self.info = info
        """Text, place and origin of each of its parts."""
        self.reads = reads
        """What of the payload it may look at."""
        self.link = link
        """How its events are linked to conversations."""
        self._asks_for_nothing = asks_for_nothing
        plain = [line for line in lines if line.let is None]
        # What `let` can make fail comes after what can't, as the language promises; then `where`.
        self._message = [line for line in plain if each is None or not line.uses_item]
        self._items = [line for line in plain if each is not None and line.uses_item]
        last = [line for line in self._items if line.root == ""] + [line for line in lines if line.let is not None]
        self._before = tuple(matching.check(line) for line in self._message if line.root == "")
        self._after = tuple((matching.check(line), line) for line in last)
        self._wheres = tuple((where.evaluate, where.uses_item) for where in wheres)
        self._valid = valid
        self._builder = builder
        self.asks_no_more = not (self._before or self._after or self._wheres or valid)
        """Whether `holds` (and `wants` and `holds_item`) say all that the rule asks for."""
        self._alone: dict[ConditionLine, matching.Check] = {}
        self.holds: matching.Holds = self._first_holds
        """The conditions on the payload and on headers alone, which are all of most rules' and need no scope.

        A message without a payload (a tombstone, JSON's null) matches only rules that ask for that: a test of a
        missing field would hold on every one of them.
        """
        self.wants: matching.Wanted = self._first_wants
        """The equality tests on the item alone."""
        self.holds_item: matching.Holds = self._first_holds_item
        """The other conditions on the item alone."""

    @property
    def event_type(self) -> str | None:
        """The type that all its events have; None if it is computed."""
        return self._builder.event_type

    # Compiled for the first message: most rules that are linted, or belong to rare messages, are never needed.

    def _first_holds(self, payload: object, message: Message, counts: list[Count]) -> bool:
        lines = [line for line in self._message if line.root != ""]
        self.holds = matching.holds(lines, null=self._asks_for_nothing)
        return self.holds(payload, message, counts)

    def _first_wants(self, item: object, message: Message) -> bool:
        self.wants = matching.wanted([line for line in self._items if line.root != ""])
        return self.wants(item, message)

    def _first_holds_item(self, item: object, message: Message, counts: list[Count]) -> bool:
        self.holds_item = matching.rest([line for line in self._items if line.root != ""])
        return self.holds_item(item, message, counts)

    def match_message(self, scope: Scope, counts: list[Count]) -> bool:
        """The other conditions that need no item and no `let`."""
        return not self._before or all(check(scope, counts) for check in self._before)

    def failing(self, scope: Scope) -> str | None:
        """Which condition that needs no item and no `let` is the first that fails; None if all hold."""
        if scope.payload is None and not self._asks_for_nothing:
            return "payload"
        return self._first_failing(self._message, scope)

    def failing_item(self, scope: Scope) -> str | None:
        """The same of those that need an item."""
        return self._first_failing(self._items, scope)

    def _first_failing(self, lines: list[ConditionLine], scope: Scope) -> str | None:
        for line in lines:
            if line not in self._alone:
                self._alone[line] = matching.check(line)
            if not self._alone[line](scope, []):
                return line.written
        return None

    def match_rest(self, scope: Scope, result: EvaluationResult, *, items: bool = True) -> str | None:
        """The other conditions, in the language's order. Without `items` only those that need no item.

        Raises Broken when a `let` or `where` is in error: the match is then unknown.
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

    def finish(self, scope: Scope, result: EvaluationResult) -> bool:
        """Try the conditions of `match_rest` and build the event; whether the rule matched, or nobody can tell."""
        if not self.asks_no_more:
            try:
                if self.match_rest(scope, result) is not None:
                    return False
            except Broken as broken:
                result.problems.append(broken.problem)
                return True
        self._builder.build(scope, result.drafts, result.problems, result.counts)
        return True

    def build(self, scope: Scope, result: EvaluationResult) -> None:
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

"""One compiled rule: the messages (and items) that it matches, and the event that it gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.activity_builder import ActivityBuilder
from greenflash_kafka.rules.event_builder import EventAt, EventBuilder
from greenflash_kafka.rules.field_usage import ALL, Steps
from greenflash_kafka.rules.link import RuleLink
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.rule_code import Broken, RuleCode
from greenflash_kafka.rules.rule_info import RuleInfo
from greenflash_kafka.rules.table_row_builder import TableRowBuilder

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Valid(msgspec.Struct, frozen=True):
    """From when (inclusive) until when (exclusive) a rule holds, by the event's own time."""

    since: datetime | None
    until: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        """Whether a time lies between the two."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)


class Each:
    """The list whose items a rule runs over; rules of one file with the same `text` share its evaluation."""

    __slots__ = ("evaluate", "expression", "text")

    def __init__(self, text: str, expression: Expression) -> None:
        self.text = text
        self.expression = expression
        self.evaluate = expression.evaluate


class FileFacts(msgspec.Struct, frozen=True):
    """What rules of one file share at run time."""

    path: str
    json_key: bool
    first_match: bool


class Rule:
    """Compiled and immutable.

    A message is asked in this order: `holds`, then, for each item, `code.item_equals` and `code.item_holds`, and
    `match_rest`; `finish` does the last and builds the event. `apply` is all of it for a rule without `each`.
    `event_at` gives the time by which it is `valid`, if not the record's.
    """

    __slots__ = (
        "_builder",
        "_event_at",
        "_valid",
        "code",
        "draft",
        "each",
        "file",
        "has_key",
        "holds",
        "identity",
        "info",
        "link",
        "name",
        "pins",
        "reads",
        "tables",
    )

    def __init__(
        self,
        name: str,
        file: FileFacts,
        code: RuleCode,
        builder: EventBuilder | ActivityBuilder | TableRowBuilder,
        info: RuleInfo,
        *,
        each: Each | None = None,
        valid: Valid | None = None,
        event_at: EventAt | None = None,
        has_key: bool = True,
        identity: str = "",
        reads: frozenset[Steps] = ALL,
        link: RuleLink | None = None,
        tables: frozenset[str] = frozenset(),
        draft: bool = False,
    ) -> None:
        self.name = name
        self.file = file
        self.code = code
        """Its conditions."""
        self.holds = code.holds
        self.pins = code.pins
        """What a message must hold for the rule to have a chance."""
        self.each = each
        self.has_key = has_key
        self.identity = identity or name
        """What the ids of its events are made of, beside what is in the messages."""
        self.info = info
        """Text, place and origin of each of its parts."""
        self.reads = reads
        """What of the payload it may look at."""
        self.draft = draft
        """Whether it is evaluated and shown, and its events aren't sent."""
        self.link = link
        """How its events are linked to conversations."""
        self.tables = tables
        """The sources of the tables from topics that its events are made with."""
        self._valid = valid
        self._event_at = event_at
        self._builder = builder

    def constant(self, field: str) -> str | None:
        """The text that this field has in all its events; None if it is computed or missing."""
        return self._builder.constant(field)

    def expression(self, field: str) -> Expression | None:
        """The expression of this field, `properties.x` for one of the properties; None if it isn't written."""
        return self._builder.expression(field)

    @property
    def valid(self) -> Valid | None:
        """When the rule holds, if that is limited."""
        return self._valid

    def match_rest(self, scope: Scope, counts: list[Count], *, items: bool = True) -> str | None:
        """The name of the first condition that fails of those that `code.rest` has, and `valid`; None if all hold.
        Without `items` those that need an item are left out. Raises Broken."""
        rest = self.code.rest
        failed = None if rest is None else rest(scope, counts, items)
        if failed is None and self._valid is not None and items and not self._holds_at(scope, self._valid):
            return "valid"
        return failed

    def apply(self, scope: Scope, result: EvaluationResult) -> bool:
        """Evaluate the rule, which has no `each`; whether it matched (or can't tell), for `first_match`."""
        return self.holds(scope, result.counts) and self.finish(scope, result)

    def finish(self, scope: Scope, result: EvaluationResult) -> bool:
        """Try the conditions of `match_rest` and build the event; whether the rule matched, or nobody can tell."""
        if self.code.rest is not None or self._valid is not None:
            try:
                if self.match_rest(scope, result.counts) is not None:
                    return False
            except Broken as broken:
                result.problems.append(broken.problem)
                return True
        self._builder.build(scope, result.drafts, result.problems, result.counts)
        return True

    def build(self, scope: Scope, result: EvaluationResult) -> None:
        """Add the event, or what keeps it from being one."""
        self._builder.build(scope, result.drafts, result.problems, result.counts)

    def _holds_at(self, scope: Scope, valid: Valid) -> bool:
        """Whether the event's own time, else the record's, lies in the rule's time of validity."""
        return valid.holds_at(self.time_of(scope))

    def time_of(self, scope: Scope) -> datetime:
        """The time by which the rule is `valid`: the event's own, else the record's."""
        moment = None if self._event_at is None else self._event_at(scope)
        return _record_time(scope.record_ms or 0) if moment is None else moment


def _record_time(ms: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=ms)
    except OverflowError:
        # Beyond every calendar, and so beyond every rule's `until`, or before every `from`.
        return datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC) if ms > 0 else datetime(1, 1, 1, tzinfo=UTC)

"""The event of a rule, built for each message by compiled code; on any irregular value the plain builder runs."""

from __future__ import annotations

from datetime import datetime

from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.draft import Draft
from greenflash_kafka.rules.event_code import Compiled, compile_event
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.fields import FieldPlan, Fields
from greenflash_kafka.rules.link import RuleLink
from greenflash_kafka.rules.plain_event import PlainEvent


class EventBuilder:
    """Builds the events of one rule. Its code is compiled for the first message that needs it: most rules of a file
    that is only looked at never do. `plain` is the other way, step by step."""

    __slots__ = ("_compiled", "_parts", "plain")

    def __init__(self, rule: str, fields: Fields, link: RuleLink | None = None) -> None:
        self._parts = FieldPlan(rule, fields, link)
        self.plain = PlainEvent(self._parts)
        self._compiled: Compiled | None = None

    @property
    def event_type(self) -> str | None:
        """The type that all its events have; None if it is computed."""
        written = self._parts.constants.get("event_type")
        return written if isinstance(written, str) else None

    def event_at(self, scope: Scope) -> datetime | None:
        """The time that the rule gives the event; None when it gives none, or can't work it out."""
        return self.plain.event_at(scope)

    def build(self, scope: Scope, drafts: list[Draft | Event], problems: list[Problem], counts: list[Count]) -> None:
        """Add the event, or the problems that keep it from being one, and what was left out of it."""
        compiled = self._compiled
        if compiled is None:
            compiled = self._compiled = compile_event(self._parts)
        event = compiled(scope, counts)
        if event is not None:
            drafts.append(event)
        else:
            self.plain.build(scope, scope.index, drafts, problems, counts)

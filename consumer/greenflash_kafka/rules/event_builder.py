"""The builder of a rule's events."""

from __future__ import annotations

from datetime import datetime

from greenflash_kafka.rules.event_code import Build, compile_event
from greenflash_kafka.rules.event_values import moment
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.fields import FieldPlan, Fields
from greenflash_kafka.rules.link import RuleLink


class EventBuilder:
    """Builds the events of one rule: `build` is compiled from `plan`. `file` and `line` say where the rule stands."""

    __slots__ = ("build", "plan")

    def __init__(
        self, rule: str, fields: Fields, link: RuleLink | None = None, *, file: str = "", line: int = 0
    ) -> None:
        self.plan = FieldPlan(rule, fields, link)
        self.build: Build = compile_event(self.plan, file, line)

    def constant(self, field: str) -> str | None:
        """The text that this field has in all its events; None if it is computed or missing."""
        written = self.plan.constants.get(field)
        return written if isinstance(written, str) else None

    def event_at(self, scope: Scope) -> datetime | None:
        """The time that the rule gives the event; None when it gives none, or can't work it out."""
        expression = self.plan.event_at
        try:
            value = None if expression is None else expression.evaluate(scope)
            return None if value is None else moment(scope, value)
        except EvaluationError:
            return None

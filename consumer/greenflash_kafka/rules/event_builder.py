"""The builder of a rule's events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from greenflash_kafka.expressions.compiler import Evaluate
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.rules.event_code import Build, compile_event
from greenflash_kafka.rules.event_values import moment
from greenflash_kafka.rules.fields import FieldPlan, Fields
from greenflash_kafka.rules.link import RuleLink
from greenflash_kafka.rules.sample import Sample, sampled

EventAt = Callable[[Scope], datetime | None]


class EventBuilder:
    """Builds the events of one rule: `build` is compiled from `plan`. `file` and `line` say where the rule stands."""

    __slots__ = ("build", "plan")

    def __init__(
        self, rule: str, fields: Fields, link: RuleLink | None = None, *, file: str = "", line: int = 0
    ) -> None:
        self.plan = FieldPlan(rule, fields, link)
        self.build: Build = compile_event(self.plan, file, line)

    def keep(self, rule: str, sample: Sample) -> None:
        """Build the events of a sample alone."""
        self.build = sampled(rule, sample, self.build)

    def constant(self, field: str) -> str | None:
        """The text that this field has in all its events; None if it is computed or missing."""
        written = self.plan.constants.get(field)
        return written if isinstance(written, str) else None

    def expression(self, field: str) -> Expression | None:
        """The expression of this field, `properties.x` for one of the properties; None if it isn't written."""
        return self.plan.written.get(field)

    def event_at(self) -> EventAt:
        """The function that gives the time of the rule's event; None when it gives none, or can't work it out."""
        expression = self.plan.event_at
        return _no_time if expression is None else partial(_time, expression.evaluate)


def _no_time(_scope: Scope) -> None:
    """The rule gives its events no time."""


def _time(evaluate: Evaluate, scope: Scope) -> datetime | None:
    try:
        value = evaluate(scope)
        return None if value is None else moment(scope, value)
    except EvaluationError:
        return None

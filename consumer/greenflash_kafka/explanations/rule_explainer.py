"""Full explanations: for each rule of a topic all its lines, and the fields of its event without a value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.explanations.causes import Cause, Causes
from greenflash_kafka.explanations.explained_conditions import ConditionExplainer
from greenflash_kafka.explanations.explained_expressions import WhereExplainer
from greenflash_kafka.explanations.explained_rule import (
    ExplainedField,
    ExplainedLine,
    ExplainedRule,
    FieldSource,
)
from greenflash_kafka.explanations.field_sources import field_sources
from greenflash_kafka.explanations.missing_paths import visited
from greenflash_kafka.explanations.named_values import NamedValues, named_values
from greenflash_kafka.explanations.number_times import time_hint
from greenflash_kafka.explanations.shown_values import shown, with_kind
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import time_text
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.compiled_condition import CompiledCondition
from greenflash_kafka.rules.event_values import moment
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.rejected_event import RejectedEvent
from greenflash_kafka.rules.results import EvaluationResult, Explanation
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.rule_group import TooManyItems, read_items
from greenflash_kafka.rules.rule_info import PartOrigin
from greenflash_kafka.rules.topic_rules import TopicRules, message_scope

MOST_ITEMS: Final = 50
"""Items of `each` whose lines are explained, a rule; of further ones only the result is known."""


def explain_topic(
    rules: TopicRules, payload: object, kafka: KafkaFacts, context: EvaluationContext, *, sources: bool = False
) -> list[ExplainedRule]:
    """The explanations of all rules of a topic, in file order, with all lines behind them; with `sources` also of the
    fields of events."""
    text = message_scope(payload, kafka.message, context)
    json = message_scope(payload, kafka.message, context, json_key=True)
    return explain_rules(rules.rules, rules.explain(payload, kafka, context), text, json, sources=sources)


def explain_rules(
    rules: Sequence[Rule], explanations: Sequence[Explanation], text: Scope, json: Scope, *, sources: bool = False
) -> list[ExplainedRule]:
    """All lines behind these explanations, which are of these rules; the scopes are those of `explain`. Sources take
    longer than all the rest, since parts of expressions are compiled for them."""
    by_name = {rule.name: rule for rule in rules}
    named = named_values(rules)
    known: dict[str, _RuleExplainer] = {}
    counted: dict[str, int] = {}
    found = []
    for explanation in explanations:
        rule = by_name[explanation.rule]
        counted[rule.name] = counted.get(rule.name, 0) + 1
        if counted[rule.name] > MOST_ITEMS:
            found.append(ExplainedRule(explanation))
            continue
        explainer = known.get(rule.name)
        if explainer is None:
            scope = json if rule.file.json_key else text
            explainer = known[rule.name] = _RuleExplainer(rule, scope, named, sources=sources)
        found.append(explainer.explained(explanation))
    return found


class _RuleExplainer:
    """Explains one rule on a message and its items."""

    def __init__(self, rule: Rule, scope: Scope, named: NamedValues, *, sources: bool) -> None:
        self._rule = rule
        self._named = named
        self._sources = sources
        self._scope = replace(scope, lets=None, item_lets=None, spent=None)
        self._items = self._read_items()

    def _read_items(self) -> Sequence[object]:
        each = self._rule.each
        try:
            return () if each is None else read_items(each, self._scope, self._rule.name, self._scope.context.max_items)
        except (EvaluationError, TooManyItems):
            return ()

    def explained(self, explanation: Explanation) -> ExplainedRule:
        scope = replace(self._scope, lets=None, item_lets=None, spent=None)
        if explanation.item is not None and explanation.item < len(self._items):
            scope = scope.for_item(self._items[explanation.item], explanation.item)
        lines = _Lines(self._rule, scope, explanation, self._items, self._named).all()
        if explanation.condition is not None:
            return ExplainedRule(explanation, lines)
        fields = _Fields(self._rule, scope, explanation, self._items)
        return ExplainedRule(explanation, lines, fields.all(), fields.sources() if self._sources else ())


class _Lines:
    """The lines of one rule on one scope."""

    def __init__(
        self, rule: Rule, scope: Scope, explanation: Explanation, items: Sequence[object], named: NamedValues
    ) -> None:
        self._rule = rule
        self._scope = scope
        self._explanation = explanation
        self._causes = Causes(scope, items)
        self._named = named

    def all(self) -> tuple[ExplainedLine, ...]:
        """In the order of the file, its own before the rule's; what can't be tried is said to be so."""
        rule, scope = self._rule, self._scope
        if scope.payload is None and not rule.code.null:
            found = "the message has no payload (a tombstone, or JSON's null)"
            return (self._placed(ExplainedLine("payload", "payload", "failed", "", found), rule.info.origin),)
        lines = [self._line(each) for each in rule.code.conditions]
        if rule.each is not None:
            lines.append(self._each())
        if rule.valid is not None:
            lines.append(self._valid())
        if self._explanation.condition == "first_match":
            found = "an earlier rule of the file matches, and the file says `first_match`"
            lines.append(
                self._placed(ExplainedLine("first_match", "first_match", "failed", "", found), rule.info.origin)
            )
        return tuple(lines)

    def _placed(self, line: ExplainedLine, origin: PartOrigin) -> ExplainedLine:
        return replace(line, file=origin.file, line=origin.place.line, column=origin.place.column)

    def _line(self, condition: CompiledCondition) -> ExplainedLine:
        rule = self._rule
        origin = next(
            info.origin
            for each, info in zip(rule.code.conditions, rule.info.conditions, strict=False)
            if each is condition
        )
        kind = "where" if condition.line is None else "when"
        if rule.each is not None and condition.uses_item and self._scope.index is None:
            return self._placed(ExplainedLine(kind, condition.written, "not tried", "", "there is no item"), origin)
        if condition.line is not None:
            return ConditionExplainer(rule.code.parts, self._scope, self._causes, self._named).line(condition)
        return self._placed(self._where(condition), origin)

    def _where(self, condition: CompiledCondition) -> ExplainedLine:
        parts: tuple[ExplainedLine, ...] = ()
        wheres = [each for each in self._rule.code.conditions if each.line is None]
        expressions = self._rule.code.parts.wheres
        place = next(place for place, each in enumerate(wheres) if each is condition)
        parts = WhereExplainer(self._causes).parts(expressions[place])
        try:
            holds = condition.holds(self._scope, [])
        except EvaluationError as error:
            return ExplainedLine("where", "where", "error", "", error.reason, parts=parts)
        if holds:
            return ExplainedLine("where", "where", "holds", parts=parts)
        value = self._causes.parts.run(expressions[place].evaluate).value
        found = "it is false" if value is False else "it is missing, because a part of it is"
        return ExplainedLine("where", "where", "failed", "", found, parts=parts)

    def _each(self) -> ExplainedLine:
        rule = self._rule
        assert rule.each is not None
        assert rule.info.each is not None
        value = self._causes.parts.run(rule.each.evaluate)
        written = " ".join(rule.each.text.split())
        if self._scope.index is not None or (value.value and not value.failed):
            line = ExplainedLine("each", "each", "holds", "", f"item {self._scope.index or 0}")
            if not isinstance(value.value, list | dict):
                said = f"{written} is {with_kind(value.value)}"
                line = ExplainedLine("each", "each", "error", "a list", said)
            return self._placed(line, rule.info.each.origin)
        if value.error is not None:
            causes = self._causes.of(rule.each.expression)
            said = causes[0].line if causes else value.error.reason
            return self._placed(ExplainedLine("each", "each", "error", "a list", said), rule.info.each.origin)
        causes = self._causes.of(rule.each.expression)
        found = causes[0].text if causes else f"{written} is {shown(value.value)}"
        hint = (causes[0].hint if causes else "") or (self._lists() if value.missing else "")
        return self._placed(ExplainedLine("each", "each", "failed", "a list", found, hint), rule.info.each.origin)

    def _lists(self) -> str:
        """The lists of the message, when `each` finds none."""
        written = self._rule.code.parts.names.envelope.written
        found = (written(way) for way, value in visited(self._scope.payload) if isinstance(value, list))
        lists = list(islice(found, 6))
        return f"the message has the list{'s' if len(lists) > 1 else ''} {', '.join(lists)}" if lists else ""

    def _valid(self) -> ExplainedLine:
        rule, scope = self._rule, self._scope
        assert rule.valid is not None
        info = rule.info.conditions[-1]
        since, until = rule.valid.since, rule.valid.until
        words = [f"from {time_text(since)} on"] if since is not None else []
        words += [f"before {time_text(until)}"] if until is not None else []
        at = rule.time_of(scope)
        result = "holds" if rule.valid.holds_at(at) else "failed"
        line = ExplainedLine("valid", "valid", result, f"a time {' and '.join(words)}", _time(at))  # type: ignore[arg-type]
        return self._placed(line, info.origin)


def _time(at: datetime) -> str:
    return f"{time_text(at)} (the event's own time, else the record's)"


class _Fields:
    """The fields of one rule's event: those that have no usable value, and the sources of the others."""

    def __init__(self, rule: Rule, scope: Scope, explanation: Explanation, items: Sequence[object]) -> None:
        self._rule = rule
        self._scope = scope
        self._explanation = explanation
        self._built = EvaluationResult()
        if explanation.result != "failed":
            # The link that the event gets is in the scope afterwards.
            rule.build(scope, self._built)
        self._causes = Causes(scope, items)

    def all(self) -> tuple[ExplainedField, ...]:
        """Those that make the event invalid, then those that are left out."""
        result = self._built
        problems = {each.field or "": each for each in self._explanation.problems}
        found = [self._field(name, each.code, each) for name, each in problems.items()]
        for draft in result.drafts:
            for problem in draft.problems if isinstance(draft, RejectedEvent) else ():
                found.append(self._field(problem.field or "", problem.code, problem))
        counted = {each.field or "": each for each in result.counts}
        found += [self._field(name, each.code, None) for name, each in counted.items()]
        return tuple(found)

    def sources(self) -> tuple[FieldSource, ...]:
        """Where the fields of the event come from; none if there is no event."""
        event = next((each for each in self._built.drafts if isinstance(each, Event)), None)
        return () if event is None else field_sources(self._rule, event, self._causes.parts)

    def _field(self, name: str, code: str, problem: Problem | None) -> ExplainedField:
        infos = {each.name: each for each in self._rule.info.fields}
        info = infos.get(name) or infos.get(name.partition(".")[0])
        causes = self._of(name, code)
        message = "" if problem is None else problem.full_text
        field = ExplainedField(
            name,
            code,
            problem is None,
            message,
            tuple(each.text for each in causes),
            tuple(dict.fromkeys(each.hint for each in causes if each.hint)),
        )
        if info is None:
            return field
        place = info.origin.place
        return replace(field, file=info.origin.file, line=place.line, column=place.column)

    def _of(self, name: str, code: str) -> list[Cause]:
        expression = self._rule.expression(name)
        if expression is None:
            return [Cause("the record has no timestamp, and the rule no event_at")] if name == "event_at" else []
        causes = self._causes.of(expression)
        if causes:
            return causes
        value = self._causes.parts.run(expression.evaluate)
        if value.error is not None:
            return [Cause(value.error.reason)]
        if name == "event_at":
            return self._time(expression.text, value.value)
        if value.value == "":
            text = " ".join(expression.text.split())
            return [Cause("it is an empty text", f'nullif({text}, "") makes it missing, so that the field is left out')]
        return [Cause(f"it is {with_kind(value.value)}")] if code != "not-allowed" else []

    def _time(self, written: str, value: object) -> list[Cause]:
        name = " ".join(written.split())
        try:
            moment(self._causes.parts.scope, value)  # type: ignore[arg-type]
        except EvaluationError as error:
            hint = time_hint(value, None, name, self._scope.record_ms)
            return [Cause(f"{error.reason} ({name} is {with_kind(value)})", hint)]
        return []

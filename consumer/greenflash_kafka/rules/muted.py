"""Draft rules in a run: evaluated and counted, without any effect on what is sent or becomes a dead letter."""

from __future__ import annotations

from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.rule_group import RuleGroup, TooManyItems


class MutedRules:
    """A draft rule, or draft rules with the same `each`; `name` is that of the first."""

    __slots__ = ("_name", "_rules", "file", "pins")

    def __init__(self, name: str, rules: Rule | RuleGroup) -> None:
        self.file = rules.file
        self.pins = rules.pins
        self._name = name
        self._rules = rules

    def apply(self, scope: Scope, result: EvaluationResult) -> bool:
        """Evaluate, and count each event (`draft`) and each problem (its code); never true: other rules go on."""
        # With a budget of its own: a draft takes nothing from the other rules.
        own = Scope(scope.payload, scope.kafka, scope.record_ms, scope.hash_key, scope.context)
        found = EvaluationResult()
        try:
            self._rules.apply(own, found)
        except TooManyItems as many:
            found.problems.append(many.problem)
        counts = result.counts
        counts += found.counts
        counts += [Count("draft", draft.rule, "") for draft in found.drafts if isinstance(draft, Event)]
        counts += [Count(each.code, each.rule or self._name, each.field) for each in found.problems]
        return False

"""Rules that are tried together: those of one file with the same `each`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Value
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.conditions import Field, any_of
from greenflash_kafka.rules.index import CandidateIndex, Read
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.rule import Each, Rule
from greenflash_kafka.rules.rule_code import Broken


class TooManyItems(Exception):
    """`each` gives more items than the configuration allows, so nothing of the message is sent."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class RuleGroup:
    """Rules of one file with the same `each`, which is evaluated once for all."""

    __slots__ = ("_each", "_items", "_messages", "_rules", "file", "pins")

    def __init__(self, each: Each, rules: Sequence[Rule], readers: Mapping[Field, Read]) -> None:
        self.file = rules[0].file
        self.pins = any_of([rule.pins for rule in rules])
        """What a message must hold for any rule of the group to have a chance."""
        self._each = each
        self._rules = tuple(rules)
        self._messages = CandidateIndex([(rule.pins, rule) for rule in rules], readers)
        self._items = CandidateIndex([(rule.code.item_pins, rule) for rule in rules], readers)

    def apply(self, scope: Scope, result: EvaluationResult) -> bool:
        """Evaluate the rules for each item; true if `each` is in error, so that nobody can tell whether one matched.

        Raises TooManyItems.
        """
        message, counts = scope.kafka.message, result.counts
        rules = self._messages.candidates(scope.payload, message)
        alive = _Alive(scope, counts)
        if not any(alive[rule] for rule in rules):
            return False
        try:
            items = read_items(self._each, scope, self._rules[0].name, scope.context.max_items)
        except EvaluationError as error:
            _without_items([rule for rule in rules if alive[rule]], error, scope, result)
            return True
        inner = scope.for_item(None, 0)
        for index, item in enumerate(items):
            inner.item, inner.index, inner.item_lets = item, index, inner.item_lets and {}
            for rule in self._items.candidates(item, message):
                # Equality first: which rules are counted for must not depend on how well the index tells them apart.
                code = rule.code
                asked = code.item_equals(inner) and alive[rule] and code.item_holds(inner, counts)
                if asked and rule.finish(inner, result) and self.file.first_match:
                    break
        return False


class _Alive(dict[Rule, bool]):
    """Whether the conditions on the message itself hold for a rule: they are tried once, when it is asked about."""

    def __init__(self, scope: Scope, counts: list[Count]) -> None:
        super().__init__()
        self._scope = scope
        self._counts = counts

    def __missing__(self, rule: Rule) -> bool:
        known = self[rule] = rule.holds(self._scope, self._counts)
        return known


def _without_items(rules: Sequence[Rule], error: EvaluationError, scope: Scope, result: EvaluationResult) -> None:
    """`each` is in error: invalid for every rule that nothing else keeps from matching."""
    for rule in rules:
        try:
            if rule.match_rest(scope, result.counts, items=False) is None:
                result.problems.append(Problem(error.code, error.message, rule.name, None, "each"))
        except Broken as broken:
            result.problems.append(broken.problem)


def read_items(each: Each, scope: Scope, rule: str, max_items: int) -> list[Value]:
    """The items of `each`: none when it is missing, one for an object. Raises EvaluationError, TooManyItems."""
    value = each.evaluate(scope)
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise EvaluationError("not-a-list", "`each` gives neither a list nor an object")
    if len(value) > max_items:
        said = f"{len(value):,} items are more than the {max_items:,} that rules.max_items allows; nothing was sent"
        raise TooManyItems(Problem("limit", said, rule, None, "each"))
    return value

"""Rules that are tried together: those of one file with the same `each`, or a single one without it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.conditions import Tests, any_of, required
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.expressions.values import Value
from greenflash_kafka.rules.index import CandidateIndex
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.rule import Broken, Each, Rule


class TooManyItems(Exception):
    """`each` gives more items than the configuration allows, so nothing of the message is sent."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class Scopes(msgspec.Struct, gc=False, eq=False):
    """One message's scopes, made when a rule needs one: for files that read its key as text, and as JSON."""

    payload: object
    message: Message
    context: EvaluationContext
    text: Scope | None = None
    json: Scope | None = None

    def of(self, json_key: bool) -> Scope:
        """The scope for rules of a file."""
        if json_key:
            if self.json is None:
                self.json = self._make(KafkaFacts(self.message, True))
            return self.json
        if self.text is None:
            self.text = self._make(KafkaFacts(self.message))
        return self.text

    def _make(self, kafka: KafkaFacts) -> Scope:
        message = self.message
        return Scope(self.payload, kafka, message.record_ms, self.context.hash_key, self.context)


class RuleGroup:
    """Rules of one file with the same `each`, which is evaluated once for all; or a single rule without it."""

    __slots__ = ("_items", "_messages", "each", "file", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.file = rules[0].file
        self.each = rules[0].each
        self._messages = CandidateIndex([(required(rule.lines, "payload"), rule) for rule in rules])
        self._items = CandidateIndex([(required(rule.lines, "item"), rule) for rule in rules])

    def tests(self) -> Tests:
        """What a message must hold for any rule of the group to have a chance."""
        return any_of([required(rule.lines, "payload") for rule in self.rules])

    def apply(self, scopes: Scopes, result: EvaluationResult) -> bool:
        """Evaluate the group's rules; whether one of them matched (or can't tell), for `first_match`.

        Raises TooManyItems.
        """
        if self.each is not None:
            return self._apply_each(self.each, scopes, result)
        rule = self.rules[0]
        if not rule.holds(scopes.payload, scopes.message, result.counts):
            return False
        scope = scopes.of(self.file.json_key)
        return (rule.asks_no_more or rule.match_message(scope, result.counts)) and rule.finish(scope, result)

    def _apply_each(self, each: Each, scopes: Scopes, result: EvaluationResult) -> bool:
        message = scopes.message
        rules = self._messages.candidates(scopes.payload, message)
        alive = _Alive(scopes, self.file.json_key, result.counts)
        if not any(alive.has(rule) for rule in rules):
            return False
        scope = scopes.of(self.file.json_key)
        try:
            items = read_items(each, scope, self.rules[0].name, scopes.context.max_items)
        except EvaluationError as error:
            _without_items([rule for rule in rules if alive.has(rule)], error, scope, result)
            return True
        for index, item in enumerate(items):
            inner: Scope | None = None
            for rule in self._items.candidates(item, message):
                # Equality first: which rules are counted for must not depend on how well the index tells them apart.
                if rule.wants(item, message) and alive.has(rule) and rule.holds_item(item, message, result.counts):
                    inner = inner or scope.for_item(item, index)
                    if rule.finish(inner, result) and self.file.first_match:
                        break
        return False


class _Alive:
    """Which rules' conditions on the message itself hold; each is tried once a message, if it is asked about."""

    __slots__ = ("_counts", "_json_key", "_known", "_scopes")

    def __init__(self, scopes: Scopes, json_key: bool, counts: list[Count]) -> None:
        self._scopes = scopes
        self._json_key = json_key
        self._counts = counts
        self._known: dict[Rule, bool] = {}

    def has(self, rule: Rule) -> bool:
        """Whether these hold for the rule."""
        known = self._known.get(rule)
        if known is None:
            scopes, counts = self._scopes, self._counts
            known = rule.holds(scopes.payload, scopes.message, counts) and rule.match_message(
                scopes.of(self._json_key), counts
            )
            self._known[rule] = known
        return known


def _without_items(rules: Sequence[Rule], error: EvaluationError, scope: Scope, result: EvaluationResult) -> None:
    """`each` is in error: invalid for every rule that nothing else keeps from matching."""
    for rule in rules:
        try:
            if rule.match_rest(scope, result, items=False) is None:
                result.problems.append(Problem(error.code, error.message, rule.name, None, "each"))
        except Broken as broken:
            result.problems.append(broken.problem)


def read_items(each: Each, scope: Scope, rule: str, max_items: int) -> list[Value]:
    """The items of `each`: none when it is missing, one for an object. Raises EvaluationError, TooManyItems."""
    value = each.expression.evaluate(scope)
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

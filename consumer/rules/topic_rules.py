"""The rules that read one topic, applied to payloads and explained on them, by the same code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from consumer.model.context import EvaluationContext
from consumer.model.problem import Problem
from consumer.rules.draft import Applied, Explanation
from consumer.rules.expressions.refusals import EvaluationError
from consumer.rules.expressions.scope import Scope
from consumer.rules.expressions.values import Value
from consumer.rules.index import Index, Tests, tests_of
from consumer.rules.kafka_facts import KafkaFacts
from consumer.rules.rule import Broken, Each, Result, Rule

_NOTHING: Final = Applied()


class TooManyItems(Exception):
    """`each` gives more items than the configuration allows, so nothing of the message is sent."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class Group:
    """Rules of one file with the same `each`, which is evaluated once for all; or a single rule without it."""

    __slots__ = ("_items", "each", "file", "rules")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.file = rules[0].file
        self.each = rules[0].each
        self._items = Index([(tests_of(rule.lines, "item"), rule) for rule in rules]) if self.each else None

    def tests(self) -> Tests:
        """Equality tests on the payload that every rule of the group makes."""
        every = [tests_of(rule.lines, "payload") for rule in self.rules]
        return {steps: wanted for steps, wanted in every[0].items() if all(t.get(steps) == wanted for t in every)}

    def apply(self, scope: Scope, result: Result, max_items: int) -> bool:
        """Evaluate the group's rules; whether one of them matched (or can't tell), for `first_match`."""
        if self.each is None or self._items is None:
            rule = self.rules[0]
            return rule.match_message(scope, result) is None and _finish(rule, scope, result)
        alive: dict[Rule, bool] = {}
        if not any(self._alive(rule, alive, scope, result) for rule in self.rules):
            return False
        try:
            items = read_items(self.each, scope, self.rules[0].name, max_items)
        except EvaluationError as error:
            return self._without_items(error, alive, scope, result)
        for index, item in enumerate(items):
            candidates = self._items.candidates(item)
            if candidates:
                inner = scope.for_item(item, index)
                for rule in candidates:
                    matched = self._alive(rule, alive, scope, result) and _finish(rule, inner, result)
                    if matched and self.file.first_match:
                        break
        return False

    def _alive(self, rule: Rule, alive: dict[Rule, bool], scope: Scope, result: Result) -> bool:
        """Whether the rule's conditions on the message itself hold; tried once a message."""
        known = alive.get(rule)
        if known is None:
            known = alive[rule] = rule.match_message(scope, result) is None
        return known

    def _without_items(self, error: EvaluationError, alive: dict[Rule, bool], scope: Scope, result: Result) -> bool:
        """`each` is in error: invalid for every rule that nothing else keeps from matching."""
        for rule in self.rules:
            if self._alive(rule, alive, scope, result):
                try:
                    if rule.match_rest(scope, result, items=False) is None:
                        result.problems.append(Problem(error.code, error.message, rule.name, None, "each"))
                except Broken as broken:
                    result.problems.append(broken.problem)
        return True


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


def _finish(rule: Rule, scope: Scope, result: Result) -> bool:
    """Try the rule's other conditions and build its event; whether it matched, or nobody can tell."""
    try:
        if rule.match_rest(scope, result) is not None:
            return False
    except Broken as broken:
        result.problems.append(broken.problem)
        return True
    rule.build(scope, result)
    return True


class TopicRules:
    """The rules that read one topic, indexed so that a message only meets those that could match it."""

    __slots__ = ("_groups", "_index", "_ordered", "_places", "_rules", "find")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._groups = _grouped(rules)
        self._index = Index([(group.tests(), group) for group in self._groups])
        self.find = self._index.find
        """What of a payload `apply_found` has to look at; empty when no rule can match, as for most messages."""
        self._places = {rule.name: place for place, rule in enumerate(rules)}
        self._ordered = any(len(group.rules) > 1 for group in self._groups)

    @property
    def names(self) -> tuple[str, ...]:
        """The rules' names, in file order."""
        return tuple(rule.name for rule in self._rules)

    def candidates(self, payload: object) -> tuple[str, ...]:
        """The rules that the index leaves for a payload: those whose conditions are tried."""
        return tuple(rule.name for group in self._index.candidates(payload) for rule in group.rules)

    def apply(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> Applied:
        """Evaluate every rule that could match; pure, and never raises for what the payload holds."""
        return self.apply_found(self.find(payload), payload, kafka, context)

    def apply_found(
        self, found: tuple[int, ...], payload: object, kafka: KafkaFacts, context: EvaluationContext
    ) -> Applied:
        """The same, with what `find` gave for this payload."""
        groups = [self._groups[place] for place in found]
        result = Result()
        scopes = _Scopes(payload, kafka, context)
        stopped = -1
        try:
            for group in groups:
                file = group.file
                if file.order != stopped:
                    matched = group.apply(scopes.of(file.json_key), result, context.max_items)
                    if matched and file.first_match:
                        stopped = file.order
        except TooManyItems as many:
            return Applied((), (many.problem,), tuple(result.counts))
        if not (result.drafts or result.problems or result.counts):
            return _NOTHING
        if self._ordered:
            self._sort(result)
        return Applied(tuple(result.drafts), tuple(result.problems), tuple(result.counts))

    def _sort(self, result: Result) -> None:
        """In file order, then item order; groups were evaluated item by item."""
        places = self._places
        result.drafts.sort(key=lambda draft: (places[draft.rule], draft.item or 0))
        result.problems.sort(key=lambda problem: (places.get(problem.rule or "", -1), problem.item or 0))

    def explain(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> list[Explanation]:
        """Say for every rule, in file order (and item order with `each`), why it matched or didn't."""
        scopes = _Scopes(payload, kafka, context)
        first: dict[tuple[int, int | None], bool] = {}
        explained: list[Explanation] = []
        for rule in self._rules:
            scope = scopes.of(rule.file.json_key)
            result = Result()
            failed = rule.match_message(scope, result)
            if failed is not None:
                explained.append(_failed(rule, None, failed))
            elif rule.each is None:
                explained.append(_explain(rule, scope, first))
            else:
                explained.extend(_explain_items(rule, rule.each, scope, context.max_items, first))
        return explained


class _Scopes:
    """The scopes of one message: one for files that read its key as text, one for those that read it as JSON."""

    __slots__ = ("_context", "_json", "_kafka", "_payload", "_text")

    def __init__(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> None:
        self._payload, self._kafka, self._context = payload, kafka, context
        self._text: Scope | None = None
        self._json: Scope | None = None

    def of(self, json_key: bool) -> Scope:
        if json_key:
            if self._json is None:
                self._json = self._make(self._kafka.with_json_key())
            return self._json
        if self._text is None:
            self._text = self._make(self._kafka)
        return self._text

    def _make(self, kafka: KafkaFacts) -> Scope:
        return Scope(self._payload, kafka, kafka.record_ms, self._context.hash_key, None, self._context)


def _grouped(rules: Sequence[Rule]) -> list[Group]:
    """Rules without `each` alone, those with the same one in the same file together, at the first one's place."""
    groups: dict[object, list[Rule]] = {}
    for place, rule in enumerate(rules):
        key = place if rule.each is None else (rule.file.order, rule.each.text)
        groups.setdefault(key, []).append(rule)
    return [Group(group) for group in groups.values()]


def _failed(rule: Rule, item: int | None, condition: str) -> Explanation:
    return Explanation(rule.name, item, "failed", condition, (), rule.file.path)


def _explain(rule: Rule, scope: Scope, first: dict[tuple[int, int | None], bool]) -> Explanation:
    """Why a rule matched or didn't, whose conditions on the message hold."""
    key = (rule.file.order, scope.index)
    if first.get(key) and rule.file.first_match:
        return _failed(rule, scope.index, "first_match")
    result = Result()
    try:
        failed = rule.match_rest(scope, result)
    except Broken as broken:
        first[key] = True
        return Explanation(rule.name, scope.index, "invalid", broken.condition, (broken.problem,), rule.file.path)
    if failed is not None:
        return _failed(rule, scope.index, failed)
    first[key] = True
    rule.build(scope, result)
    problems = tuple(result.problems)
    return Explanation(rule.name, scope.index, "invalid" if problems else "matched", None, problems, rule.file.path)


def _explain_items(
    rule: Rule, each: Each, scope: Scope, max_items: int, first: dict[tuple[int, int | None], bool]
) -> list[Explanation]:
    try:
        items = read_items(each, scope, rule.name, max_items)
    except TooManyItems as many:
        return [Explanation(rule.name, None, "invalid", "each", (many.problem,), rule.file.path)]
    except EvaluationError as error:
        return [_explain_without_items(rule, error, scope)]
    if not items:
        return [_failed(rule, None, "each")]
    return [_explain(rule, scope.for_item(item, index), first) for index, item in enumerate(items)]


def _explain_without_items(rule: Rule, error: EvaluationError, scope: Scope) -> Explanation:
    try:
        failed = rule.match_rest(scope, Result(), items=False)
    except Broken as broken:
        return Explanation(rule.name, None, "invalid", broken.condition, (broken.problem,), rule.file.path)
    if failed is not None:
        return _failed(rule, None, failed)
    problem = Problem(error.code, error.message, rule.name, None, "each")
    return Explanation(rule.name, None, "invalid", "each", (problem,), rule.file.path)

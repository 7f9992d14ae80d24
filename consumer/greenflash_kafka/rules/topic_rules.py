"""The rules that read one topic, applied to payloads and explained on them, by the same code."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.insert_id import fingerprint
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.field_usage import shape_of
from greenflash_kafka.rules.index import CandidateIndex, Find
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.link import RuleLink
from greenflash_kafka.rules.results import EvaluationResult, Explanation
from greenflash_kafka.rules.rule import Broken, Each, Rule
from greenflash_kafka.rules.rule_group import RuleGroup, Scopes, TooManyItems, read_items
from greenflash_kafka.rules.rule_info import RuleInfo


class TopicRules:
    """The rules that read one topic, indexed so that a message only meets those that could match it."""

    __slots__ = ("_groups", "_ordered", "_places", "_rules", "find")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._groups = _grouped(rules)
        self.find: Find = CandidateIndex([(group.tests(), group) for group in self._groups]).find
        """From a payload and its record to what `apply_found` has to look at; nothing when no rule can match."""
        self._places = {rule.name: place for place, rule in enumerate(rules)}
        self._ordered = any(len(group.rules) > 1 for group in self._groups)

    @property
    def shape(self) -> Shape | None:
        """What these rules read of a payload; None for all of it."""
        return shape_of(steps for rule in self._rules for steps in rule.reads)

    def shape_for(self, name: str) -> Shape | None:
        """The same for the rule of this name alone, its file's conditions and defaults included. Raises KeyError."""
        return shape_of(self._rules[self._places[name]].reads)

    @property
    def links(self) -> list[RuleLink]:
        """How these rules link their events to conversations; empty if none does."""
        return [rule.link for rule in self._rules if rule.link is not None]

    @property
    def ids(self) -> str:
        """A fingerprint of how these rules make ids (`model.insert_id.fingerprint`)."""
        return fingerprint(rule.identity for rule in self._rules)

    @property
    def names(self) -> tuple[str, ...]:
        """The rules' names, in file order."""
        return tuple(rule.name for rule in self._rules)

    @property
    def infos(self) -> tuple[RuleInfo, ...]:
        """The parts of these rules, with their origins, in file order."""
        return tuple(rule.info for rule in self._rules)

    def candidates(self, payload: object, message: Message) -> tuple[str, ...]:
        """The rules that the index leaves for a message: those whose conditions are tried."""
        return tuple(rule.name for place in self.find(payload, message) for rule in self._groups[place].rules)

    def apply(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> EvaluationResult:
        """Evaluate every rule that could match; pure, and never raises for what the payload holds."""
        return self.apply_found(self.find(payload, kafka.message), payload, kafka.message, context)

    def apply_found(
        self, found: tuple[int, ...], payload: object, message: Message, context: EvaluationContext
    ) -> EvaluationResult:
        """The same, with what `find` gave."""
        result, scopes, groups = EvaluationResult(), Scopes(payload, message, context), self._groups
        stopped = -1
        try:
            for place in found:
                group = groups[place]
                file = group.file
                if file.order != stopped and group.apply(scopes, result) and file.first_match:
                    stopped = file.order
        except TooManyItems as many:
            return EvaluationResult([], [many.problem], result.counts)
        if self._ordered:
            self._sort(result)
        return result

    def _sort(self, result: EvaluationResult) -> None:
        """In file order, then item order; groups were evaluated item by item."""
        places = self._places
        result.drafts.sort(key=lambda draft: (places[draft.rule], draft.item or 0))
        result.problems.sort(key=lambda problem: (places.get(problem.rule or "", -1), problem.item or 0))

    def explain(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> list[Explanation]:
        """Say for every rule, in file order (and item order with `each`), why it matched or didn't."""
        scopes = Scopes(payload, kafka.message, context)
        first: dict[tuple[int, int | None], bool] = {}
        explained: list[Explanation] = []
        for rule in self._rules:
            scope = scopes.of(rule.file.json_key)
            failed = rule.failing(scope)
            if failed is not None:
                explained.append(_failed(rule, None, failed))
            elif rule.each is None:
                explained.append(_explain(rule, scope, first))
            else:
                explained.extend(_explain_items(rule, rule.each, scope, context.max_items, first))
        return explained


def _grouped(rules: Sequence[Rule]) -> list[RuleGroup]:
    """Rules without `each` alone, those with the same one in the same file together, at the first one's place."""
    groups: dict[object, list[Rule]] = {}
    for place, rule in enumerate(rules):
        key = place if rule.each is None else (rule.file.order, rule.each.text)
        groups.setdefault(key, []).append(rule)
    return [RuleGroup(group) for group in groups.values()]


def _failed(rule: Rule, item: int | None, condition: str) -> Explanation:
    return Explanation(rule.name, item, "failed", condition, (), rule.file.path)


def _explain(rule: Rule, scope: Scope, first: dict[tuple[int, int | None], bool]) -> Explanation:
    """Why a rule matched or didn't, whose conditions on the message hold."""
    key = (rule.file.order, scope.index)
    if first.get(key) and rule.file.first_match:
        return _failed(rule, scope.index, "first_match")
    result = EvaluationResult()
    try:
        failed = rule.failing_item(scope) or rule.match_rest(scope, result)
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
        failed = rule.match_rest(scope, EvaluationResult(), items=False)
    except Broken as broken:
        return Explanation(rule.name, None, "invalid", broken.condition, (broken.problem,), rule.file.path)
    if failed is not None:
        return _failed(rule, None, failed)
    problem = Problem(error.code, error.message, rule.name, None, "each")
    return Explanation(rule.name, None, "invalid", "each", (problem,), rule.file.path)

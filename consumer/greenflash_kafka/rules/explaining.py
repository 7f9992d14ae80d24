"""Explanations: why each rule of a topic matched a message or didn't, by the conditions that evaluation tries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.compiled_condition import CompiledCondition
from greenflash_kafka.rules.results import EvaluationResult, Explanation
from greenflash_kafka.rules.rule import Each, Rule
from greenflash_kafka.rules.rule_code import Broken
from greenflash_kafka.rules.rule_group import TooManyItems, read_items

_First = dict[tuple[str, int | None], bool]
"""Files and items of which a rule has matched."""


def explain(rules: Iterable[Rule], text: Scope, json: Scope) -> list[Explanation]:
    """Say for each of these rules (for each item, with `each`) why it matched or didn't. `text` and `json` are the
    message's scopes for files that read its key as text, and as JSON."""
    first: _First = {}
    explained: list[Explanation] = []
    for rule in rules:
        scope = json if rule.file.json_key else text
        failed = "payload" if scope.payload is None and not rule.code.null else failing(rule.code.message, scope)
        if failed is not None:
            explained.append(_failed(rule, None, failed))
        elif rule.each is None:
            explained.append(_explain(rule, scope, first))
        else:
            explained.extend(_explain_items(rule, rule.each, scope, first))
    return explained


def failing(conditions: Sequence[CompiledCondition], scope: Scope) -> str | None:
    """Which of the conditions is the first that fails; None if all hold."""
    return next((each.written for each in conditions if not each.holds(scope, [])), None)


def _failed(rule: Rule, item: int | None, condition: str) -> Explanation:
    return Explanation(rule.name, item, "failed", condition, (), rule.file.path)


def _explain(rule: Rule, scope: Scope, first: _First) -> Explanation:
    """Why a rule matched or didn't, whose conditions on the message hold."""
    key = (rule.file.path, scope.index)
    if first.get(key) and rule.file.first_match:
        return _failed(rule, scope.index, "first_match")
    result = EvaluationResult()
    try:
        failed = failing(rule.code.items, scope) or rule.match_rest(scope, result.counts)
    except Broken as broken:
        first[key] = True
        return Explanation(rule.name, scope.index, "invalid", broken.condition, (broken.problem,), rule.file.path)
    if failed is not None:
        return _failed(rule, scope.index, failed)
    first[key] = True
    rule.build(scope, result)
    problems = tuple(result.problems)
    return Explanation(rule.name, scope.index, "invalid" if problems else "matched", None, problems, rule.file.path)


def _explain_items(rule: Rule, each: Each, scope: Scope, first: _First) -> list[Explanation]:
    try:
        items = read_items(each, scope, rule.name, scope.context.max_items)
    except TooManyItems as many:
        return [Explanation(rule.name, None, "invalid", "each", (many.problem,), rule.file.path)]
    except EvaluationError as error:
        return [_explain_without_items(rule, error, scope)]
    if not items:
        return [_failed(rule, None, "each")]
    return [_explain(rule, scope.for_item(item, index), first) for index, item in enumerate(items)]


def _explain_without_items(rule: Rule, error: EvaluationError, scope: Scope) -> Explanation:
    try:
        failed = rule.match_rest(scope, [], items=False)
    except Broken as broken:
        return Explanation(rule.name, None, "invalid", broken.condition, (broken.problem,), rule.file.path)
    if failed is not None:
        return _failed(rule, None, failed)
    problem = Problem(error.code, error.message, rule.name, None, "each")
    return Explanation(rule.name, None, "invalid", "each", (problem,), rule.file.path)

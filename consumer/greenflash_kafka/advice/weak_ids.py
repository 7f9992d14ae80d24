"""Advice about an `insert_id` that many facts share: pinned by the conditions, a bare time, or a type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.mappings.rule_facts import RuleFacts

_TIMES: Final = frozenset(("time", "format_time", "days_between", "seconds_between"))
_COARSE_WRITTEN: Final = """
    type event_type eventtype event event_name kind status state stage action op operation currency plan
    category level channel source country language method reason object priority topic partition
"""
_COARSE: Final = frozenset(_COARSE_WRITTEN.split())
_TIME_NAMES_WRITTEN: Final = """
    time timestamp ts date datetime created updated at created_at updated_at occurred_at event_at event_time
    ts_ms timestamp_ms paid_at sent_at createdat updatedat occurredat occurred eventtime createddate
"""
_TIME_NAMES: Final = frozenset(_TIME_NAMES_WRITTEN.split())
_CHOICES: Final = frozenset(("bucket", "count", "length", "exists", "starts_with", "ends_with", "contains", "matches"))


def check_insert_id(facts: RuleFacts) -> None:
    """Warn of an id that doesn't tell one fact from the next."""
    key = facts.merged.single.get("insert_id")
    expression = key.expression if key is not None else None
    if key is None or expression is None or expression.source is None or expression.constant or not expression.text:
        return
    kinds = set(_kinds(expression, facts))
    if "other" in kinds:
        return
    hint = "use the fact's own id: insert_id: = payload.<its id>"
    if kinds <= {"pinned", "constant"}:
        said = f"the conditions allow one value of this insert_id only, so all events of {facts.name} but one are lost"
        facts.report.add(key.at, "pinned-id", said, hint)
    elif "time" in kinds:
        said = "this insert_id is made of a time only: two facts of one moment would be stored as one"
        facts.report.add(key.at, "time-as-id", said, f'{hint}, or join([payload.user_id, payload.at], "-")')
    else:
        said = "this insert_id has few values only (a type, a status): most events would be lost as repeated"
        facts.report.add(key.at, "coarse-id", said, hint)


def _kinds(expression: Expression, facts: RuleFacts) -> Iterator[str]:
    """For each part that the id is made of: `pinned`, `constant`, `time`, `coarse`, or `other`."""
    if expression.source is None:
        yield "constant" if expression.constant else "other"
        return
    yield from _of(expression.source.tree, facts)


def _of(node: tree.Expr, facts: RuleFacts) -> Iterator[str]:
    if isinstance(node, tree.Literal):
        yield "constant"
    elif isinstance(node, tree.Name | tree.Steps):
        yield from _of_path(node, facts)
    elif isinstance(node, tree.Call):
        yield from _of_call(node, facts)
    elif isinstance(node, tree.ListOf):
        for item in node.items:
            yield from _of(item, facts)
    elif isinstance(node, tree.Conditional):
        yield from _of(node.then, facts)
        yield from _of(node.otherwise, facts)
    else:
        yield "other"


def _of_call(node: tree.Call, facts: RuleFacts) -> Iterator[str]:
    if node.word in _TIMES:
        yield "time"
    elif node.word in _CHOICES:
        yield "coarse"
    else:
        for argument in node.arguments:
            if not isinstance(argument, tree.Keyword):
                yield from _of(argument, facts)


def _of_path(node: tree.Name | tree.Steps, facts: RuleFacts) -> Iterator[str]:
    base = node.base if isinstance(node, tree.Steps) else node
    steps = [step.word if isinstance(step, tree.Member) else _index(step.at) for step in _steps(node)]
    if not isinstance(base, tree.Name) or None in steps:
        yield "other"
        return
    let = facts.names.lets.get(base.word)
    if let is not None and not steps and isinstance(let.expression, Expression):
        yield from _kinds(let.expression, facts)
        return
    way = tuple(step for step in steps if step is not None)
    wanted = facts.equalities.get(facts.names.envelope.decoded(base.word, way))
    if wanted is not None and len(wanted) == 1:
        yield "pinned"
        return
    last = next((step for step in reversed(steps) if isinstance(step, str)), base.word).lower()
    # Of an item, "item.type" may be all that tells it apart; a message's own place is another matter.
    if last in _TIME_NAMES:
        yield "time"
    else:
        yield "coarse" if last in _COARSE or wanted is not None else "other"


def _steps(node: tree.Name | tree.Steps) -> list[tree.Member | tree.Index]:
    return node.steps if isinstance(node, tree.Steps) else []


def _index(at: tree.Expr) -> str | int | None:
    if isinstance(at, tree.Literal) and (isinstance(at.value, str) or at.value.__class__ is int):
        return at.value
    return None

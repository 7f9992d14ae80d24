"""Advice about transitions that have no earlier value to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.paths import EnvelopePaths
from greenflash_kafka.mappings.rule_facts import RuleFacts, condition_tests
from greenflash_kafka.model.change_lists import CHANGE_LISTS
from greenflash_kafka.rules import transitions
from greenflash_kafka.rules.transitions import DEBEZIUM_ROWS, Declared
from greenflash_kafka.rules.when_conditions import Test
from greenflash_kafka.rules.when_operators.all_operators import TRANSITIONS

_NOW: Final = frozenset(("new", "after", "current", "row"))
_BY_LIST: Final = frozenset(("changed", "to"))


def check_transitions(rules: Sequence[RuleFacts]) -> None:
    """Warn of transitions that never hold, in the rules of one file."""
    listed = any(not CHANGE_LISTS.isdisjoint(path.steps) for facts in rules for path in facts.paths)
    for facts in rules:
        for test in condition_tests(facts.conditions):
            moved = [operator.name for operator in test.operators if operator.name in TRANSITIONS]
            if not moved or transitions.has_shape(test.path, facts.declared, facts.names.envelope):
                continue
            by_list = _BY_LIST.issuperset(moved) and transitions.by_list(test.path)
            if not (by_list and listed):
                _say(facts, test, moved[0], by_list=by_list)


def _say(facts: RuleFacts, test: Test, operator: str, *, by_list: bool) -> None:
    said = f"the message's previous value of {test.written} is unknown, so `{operator}` never holds"
    if facts.declared is DEBEZIUM_ROWS:
        said += ": Debezium sends the earlier values of the row only"
        hint = "write a column of the row, without `envelope.`"
    elif facts.declared is not None:
        after = facts.names.envelope.written(facts.declared.after.steps)
        said += f": `source` declares the earlier values of {after} only"
        hint = f"write {_below(test.path, facts.declared, facts.names.envelope)}: {{{operator}: ...}}"
    else:
        hint = "name where it is: source: {before: payload.old, after: payload.new}"
        if by_list:
            hint += ", or read the message's list of changed fields: where: exists(payload.changedFields)"
    facts.report.add(test.at, "no-earlier-value", said, hint)


def _below(path: Path, declared: Declared, envelope: EnvelopePaths) -> str:
    """The path as it would be below the row after the change."""
    after = [step for step in declared.after.steps[len(envelope.payload) :] if isinstance(step, str)]
    names = [str(step) for step in path.steps[len(envelope.payload) :]]
    if path.root == declared.before.root and path.steps[: len(declared.before.steps)] == declared.before.steps:
        names = names[len(declared.before.steps) - len(envelope.payload) :]
    elif len(names) > 1 and names[0] in _NOW:
        names = names[1:]
    lead = ".".join(after)
    return ".".join([lead, *names] if lead else names) or str(declared.after)

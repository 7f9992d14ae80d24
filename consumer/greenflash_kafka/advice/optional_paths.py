"""Paths of a rule that may be missing as they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.mappings.rule_facts import RuleFacts, condition_tests, parts, path_of

_CHOOSING: Final = frozenset({"coalesce", "exists", "nullif"})


def optional_paths(facts: RuleFacts) -> Iterator[Path]:
    """Paths that may be missing as it is written: beside others in `coalesce`, asked for by `exists`, compared with
    null, below `any` and `none`."""
    alone = {id(test) for test in facts.conditions}
    for test in condition_tests(facts.conditions):
        literals = [one for each in test.operators for one in (each.given if isinstance(each.given, tuple) else ())]
        if id(test) not in alone or None in literals or any(each.name == "exists" for each in test.operators):
            yield test.path
    for spot in facts.spots:
        source = spot.expression.source
        for node in parts(source.tree) if source is not None else ():
            if isinstance(node, tree.Call) and node.word in _CHOOSING:
                yield from (path_of(part, facts.names) for part in parts(node.arguments))
            elif isinstance(node, tree.Conditional):
                yield from (path_of(part, facts.names) for part in parts(node))

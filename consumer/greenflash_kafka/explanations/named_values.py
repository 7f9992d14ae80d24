"""Values that rules of a topic name: one of them is no other one that is misspelled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from greenflash_kafka.expressions.paths import Steps
from greenflash_kafka.mappings.rule_facts import condition_tests
from greenflash_kafka.rules.rule import Rule

NamedValues = Mapping[tuple[str, Steps], frozenset[str]]
"""By root and steps of a path the texts that rules compare it with."""


def named_values(rules: Iterable[Rule]) -> NamedValues:
    """The texts that these rules name."""
    found: dict[tuple[str, Steps], set[str]] = {}
    for rule in rules:
        for test in condition_tests(line.condition for line in rule.code.parts.lines):
            texts = found.setdefault((test.path.root, test.path.steps), set())
            for each in test.operators:
                given = each.given if isinstance(each.given, tuple) else (each.given,)
                texts.update(one for one in given if isinstance(one, str))
    return {path: frozenset(texts) for path, texts in found.items()}

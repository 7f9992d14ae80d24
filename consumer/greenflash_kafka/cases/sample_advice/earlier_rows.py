"""Transitions beside samples that Debezium wrote: its envelope has the earlier values, once the file names it."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.cases.sample_advice.sampled_rules import SampledRule
from greenflash_kafka.expressions.paths import NO_ENVELOPE
from greenflash_kafka.mappings.rule_facts import condition_tests

_CHANGE: Final = frozenset({"before", "after", "source", "op"})


def check_earlier_values(sampled: SampledRule) -> None:
    """Say of a transition without an earlier value which envelope has it."""
    facts = sampled.facts
    if facts.names.envelope is not NO_ENVELOPE or facts.declared is not None:
        return
    if any(isinstance(each.payload, dict) and each.payload.keys() >= _CHANGE for each in sampled.samples):
        for test in condition_tests(facts.conditions):
            hint = "the samples are changes of Debezium: source: {envelope: debezium}, then payload is the row"
            facts.report.replace_hint(test.at, "no-earlier-value", hint)

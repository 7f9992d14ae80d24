"""Advice about literals of `when` that are of another kind than the samples' values, or nearly the same text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from greenflash_kafka.cases.sample_advice.sampled_rules import SampledRule, of
from greenflash_kafka.explanations import expected_literals
from greenflash_kafka.explanations.shown_values import literal, shown, with_kind
from greenflash_kafka.explanations.slips import is_slip
from greenflash_kafka.expressions.arithmetic import is_number
from greenflash_kafka.expressions.values import type_of
from greenflash_kafka.mappings.rule_facts import condition_tests
from greenflash_kafka.rules.when_conditions import Operator, Test
from greenflash_kafka.rules.when_operators.all_operators import EQUALITIES
from greenflash_kafka.rules.when_operators.ordering import SIGNS
from greenflash_kafka.rules.when_operators.when_operator import Literal

_SURE: Final = ("only upper and lower case differ", "upper and lower case and spaces differ", "they differ in")
_UNSEEN: Final = ("which is a part of it", "an invisible character")


def check_literals(sampled: SampledRule) -> None:
    """Say which lines of `when` compare with what no sample has there."""
    for test in condition_tests(sampled.facts.conditions):
        found = sampled.values(test.path, sampled.samples)
        if found:
            for operator in test.operators:
                _check(sampled, test, operator, found)


def _check(sampled: SampledRule, test: Test, operator: Operator, found: Sequence[object]) -> None:
    given = operator.given if isinstance(operator.given, tuple) else (operator.given,)
    literals = [one for one in given if one is not None]
    if not literals or (operator.name not in EQUALITIES and operator.name not in SIGNS):
        return
    kinds, wanted = set(map(type_of, found)), set(map(type_of, literals))
    if "time" in kinds or "missing" in kinds:
        return
    if len(kinds) == 1 and kinds.isdisjoint(wanted):
        _other_kind(sampled, test, operator, literals, found)
    elif operator.name in ("is", "to", "becomes") and not any(_equals(one, each) for one in literals for each in found):
        _other_text(sampled, test, operator, literals, found)


def _other_kind(
    sampled: SampledRule, test: Test, operator: Operator, literals: Sequence[Literal], found: Sequence[object]
) -> None:
    have = "has" if len(found) == 1 else "have"
    said = f"{test.written}: {with_kind(literals[0])} is compared, and {of(found)} {have} {with_kind(found[0])}"
    hint = _quoted(test, operator, literals, found[0])
    hint = hint or expected_literals.hint(operator, found[0], test.written) or f"in the samples it is {shown(found[0])}"
    sampled.facts.report.add(test.whole, "other-type-than-samples", said, hint)


def _quoted(test: Test, operator: Operator, literals: Sequence[Literal], found: object) -> str:
    """The line with its numbers as texts, if the samples have texts."""
    if not isinstance(found, str) or not all(map(is_number, literals)) or operator.name in SIGNS:
        return ""
    texts = ", ".join(f'"{shown(one)}"' for one in literals)
    written = f"[{texts}]" if len(literals) > 1 else texts
    return f"quote {'them' if len(literals) > 1 else 'it'}: {test.written}: " + (
        written if operator.name == "is" else f"{{{operator.name}: {written}}}"
    )


def _equals(given: Literal, found: object) -> bool:
    return (given.__class__ is bool) == (found.__class__ is bool) and given == found


def _other_text(
    sampled: SampledRule, test: Test, operator: Operator, literals: Sequence[Literal], found: Sequence[object]
) -> None:
    texts = list(dict.fromkeys(each for each in found if isinstance(each, str)))
    for given in literals:
        for each in texts if isinstance(given, str) else ():
            hint = expected_literals.hint(Operator(operator.name, (given,)), each, test.written)
            if hint.startswith(_SURE) or any(sign in hint for sign in _UNSEEN) or is_slip(str(given), each):
                said = f"{test.written}: no sample has {literal(given)}; {literal(each)} is there"
                sampled.facts.report.add(test.whole, "misspelled-literal", said, hint or f"did you mean {each}?")
                return

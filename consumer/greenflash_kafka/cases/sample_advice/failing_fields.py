"""Advice about fields that come to nothing on every sample that the rule matches: wrong units, kinds, amounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from greenflash_kafka.cases.sample_advice.base64_decimals import is_base64, may_be_base64, say_packed
from greenflash_kafka.cases.sample_advice.sampled_rules import SampledMessage, SampledRule, of
from greenflash_kafka.explanations.explained_rule import ExplainedField
from greenflash_kafka.explanations.rule_explainer import explain_rules
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.mappings.event_fields import Written

_ABSENT: Final = frozenset({"missing", "no-earlier-value", "sampled-out"})
"""What is no more than a missing path, of which `unknown_paths` speaks."""

_OUTSIDE: Final = frozenset({"kafka", "conversation"})
"""What samples don't have: keys, headers, links."""

_AMOUNTS: Final = frozenset({"bad-money", "bad-number", "type-mismatch"})


def check_fields(sampled: SampledRule) -> None:
    """Say which fields have no usable value in any of the samples that match."""
    samples = [sample for sample in sampled.matched if _failing(sampled, sample)]
    fields = [{each.name: each for each in _explained(sampled, sample)} for sample in samples]
    for name, field in fields[0].items() if fields else ():
        # Of one sample in Base64 all are: those of digits alone are read as other amounts.
        if field.code in _AMOUNTS and _says_base64(sampled, field):
            continue
        everywhere = all(name in each and each[name].code == field.code for each in fields)
        if field.code not in _ABSENT and everywhere and len(samples) == len(sampled.matched):
            _say(sampled, field, samples)


def _failing(sampled: SampledRule, sample: SampledMessage) -> bool:
    """Whether anything of the rule's event is left out or wrong: cheap, since most often nothing is."""
    name = sampled.rule.name
    counts = any(each.rule == name and each.code not in _ABSENT for each in sample.result.counts)
    return counts or any(each.rule == name for each in sample.result.problems) or not sampled.events(sample)


def _explained(sampled: SampledRule, sample: SampledMessage) -> Iterator[ExplainedField]:
    of_rule = [each for each in sample.explanations if each.rule == sampled.rule.name and each.result != "failed"]
    for explained in explain_rules([sampled.rule], of_rule, sample.scope, sample.scope):
        yield from explained.fields


def _written(sampled: SampledRule, name: str) -> Written | None:
    merged = sampled.facts.merged
    return merged.single.get(name) or merged.properties.get(name.removeprefix("properties."))


def _paths(sampled: SampledRule, name: str) -> tuple[Path, ...]:
    expression = sampled.rule.expression(name)
    return () if expression is None else expression.paths


def _all_paths(sampled: SampledRule, name: str) -> Iterator[Path]:
    """The paths of a field, with those of the lets that it reads, which may read others."""
    lets, seen = sampled.facts.names.lets, set[str]()
    left = list(_paths(sampled, name))
    while left:
        path = left.pop()
        yield path
        if path.root in lets and path.root not in seen:
            seen.add(path.root)
            left += lets[path.root].expression.paths


def _says_base64(sampled: SampledRule, field: ExplainedField) -> bool:
    """Report an amount that is bytes in Base64, if it is."""
    written = _written(sampled, field.name)
    for path in _paths(sampled, field.name) if written is not None else ():
        packed = _packed(sampled, path)
        if packed and written is not None:
            say_packed(sampled, sampled.shown(path), written.value_at, with_scale=packed == "object")
            return True
    return False


def _say(sampled: SampledRule, field: ExplainedField, samples: list[SampledMessage]) -> None:
    written = _written(sampled, field.name)
    if written is None or sampled.facts.report.has(written.value_at, "misspelled-path"):
        return  # the path that no sample has is why
    if not _OUTSIDE.isdisjoint(path.root for path in _all_paths(sampled, field.name)):
        return
    cause = field.causes[0] if field.causes else field.message
    said = f"{field.name} is {field.code} in {'each of ' if len(samples) > 1 else ''}{of(samples)}: {cause}"
    sampled.facts.report.add(written.value_at, "fails-on-samples", said, field.hints[0] if field.hints else "")


def _packed(sampled: SampledRule, path: Path) -> str:
    """`text` or `object` if the samples have a decimal as bytes there, with the scale in the schema or beside it; ""
    if not. A text of digits alone may be a number, too."""
    values = sampled.values(path, sampled.matched)
    if values and all(isinstance(value, dict) and value.keys() == {"scale", "value"} for value in values):
        return "object"
    return "text" if all(map(may_be_base64, values)) and any(map(is_base64, values)) else ""

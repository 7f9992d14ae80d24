"""Advice about amounts of Debezium topics in JSON: they may be bytes in Base64, some of which look like numbers.

One message alone says little: `1234` is a number, and Base64. So a column is judged by all samples of its topics, with
the rows before changes, whichever of them the rule takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import re2

from greenflash_kafka.cases.case_schemas import CaseSchemas
from greenflash_kafka.cases.sample_advice.base64_decimals import is_base64, may_be_base64, say_packed
from greenflash_kafka.cases.sample_advice.sampled_rules import SampledMessage, SampledRule
from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.explanations.missing_paths import follow, is_absent
from greenflash_kafka.explanations.shown_values import shown
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.rule_facts import parts, path_of
from greenflash_kafka.model.formats import AUTO, DEFAULT

_AMOUNTS: Final = frozenset({"money_major", "number"})
"""Functions that read a decimal; whole minor units are numbers in JSON, too."""

_ROWS: Final = ("after", "before")


def check_decimals(file: Understood, rules: Sequence[SampledRule], schemas: CaseSchemas | None) -> None:
    """Speak of the amounts of a file that reads Debezium's JSON: of those that are bytes in the samples, and of those
    that may be. What a schema describes is read by it."""
    if file.format.envelope != "debezium" or file.format.format not in (AUTO, DEFAULT):
        return
    described = schemas if file.format.format == AUTO else None
    unseen = {topic for topic in file.topics if described is None or described.of_topic(topic, file.format) is None}
    patterns = [each for each in file.patterns if not _describes(described, each)]
    if not unseen and not patterns:
        return
    for rule in rules:
        taken = {sample.topic for sample in rule.matched} or {*unseen, *(each.topic for each in rule.samples)}
        samples = [each for each in rule.samples if each.topic in taken]
        blank = bool(taken - {each.topic for each in samples}) or not samples
        for path, written, at in _amounts(rule):
            _judge(rule, path, written, at, samples, blank=blank)


def _describes(schemas: CaseSchemas | None, pattern: str) -> bool:
    """Whether there is a schema of a topic that the pattern matches."""
    return schemas is not None and any(re2.fullmatch(pattern, topic) for topic in schemas.topics())


def _amounts(rule: SampledRule) -> Iterator[tuple[Path, str, Place]]:
    """The columns that amounts are read from: the path, as it is written, and where."""
    for spot in rule.facts.spots:
        source = spot.expression.source
        for node in parts(source.tree) if source is not None else ():
            if isinstance(node, tree.Call) and node.word in _AMOUNTS and node.arguments:
                first = node.arguments[0]
                path = path_of(first, rule.facts.names)
                if path.root == "payload" and len(path.steps) > 1 and path.steps[0] in _ROWS:
                    yield path, spot.expression.text[first.start : first.end], spot.at


def _judge(
    rule: SampledRule, path: Path, written: str, at: Place, samples: Sequence[SampledMessage], *, blank: bool
) -> None:
    """`blank`: a topic of the rule has no sample."""
    found = [(value, sample.typed) for sample in samples for value in _column(path, sample)]
    values = [value for value, _ in found if value is not None and value != ""]
    known = any(typed for value, typed in found if value is not None)
    if known or not all(map(may_be_base64, values)):
        return
    if any(map(is_base64, values)):
        say_packed(rule, written, at)
    elif found or blank:
        said = f"{written} is bytes in Base64 if it is a decimal and the message has no schema; "
        said += f"{shown(values[0])} in the samples may be either" if values else "no sample shows it"
        hint = f"for bytes write decode_decimal({written}, 2), where 2 is the column's scale"
        rule.facts.report.add(at, "unseen-decimal", said, hint if values else f"add a sample; {hint}")


def _column(path: Path, sample: SampledMessage) -> Iterator[object]:
    """What a column holds after the change and before it."""
    for row in _ROWS:
        value = follow(sample.payload, (row, *path.steps[1:]))
        if not is_absent(value):
            yield value

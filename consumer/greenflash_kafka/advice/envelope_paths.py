"""Advice about paths that name a part of an envelope which isn't there for rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.expressions.paths import ENVELOPES, NO_ENVELOPE, EnvelopePaths, Path, Steps
from greenflash_kafka.mappings.rule_facts import RuleFacts
from greenflash_kafka.rules.when_conditions import Condition, Nest

_OF_CHANGES: Final = frozenset(("op", "before", "after", "source", "transaction"))
_ROWS: Final = ("before", "after")


def check_envelope_paths(facts: RuleFacts) -> None:
    """Warn of `payload.payload.op`, whose first step Kafka Connect's wrapper would be, and of `payload.after.x` where
    the payload is the row already."""
    envelope = facts.names.envelope
    for path, at in _placed(facts):
        if path.root != "payload":
            continue
        meant = _meant(path.steps, envelope)
        if meant is not None:
            said, steps = meant
            facts.report.add(at, "wrapper-in-path", said, f"write {envelope.written(steps, bare=path.bare)}")


def _meant(steps: Steps, envelope: EnvelopePaths) -> tuple[str, Steps] | None:
    """What is wrong with a path, and the steps that were meant; None if nothing is."""
    if envelope is NO_ENVELOPE and steps[:1] == ("payload",) and len(steps) > 1 and steps[1] in _OF_CHANGES:
        return "the schema that Kafka Connect wraps a message in is taken off: `payload` is what stands in it", steps[
            1:
        ]
    if envelope is ENVELOPES["debezium"] and steps[:1] == ("after",) and len(steps) > 2 and steps[1] in _ROWS:
        return "under `envelope: debezium` the payload is the row after the change", steps[1:]
    return None


def _placed(facts: RuleFacts) -> Iterator[tuple[Path, Place]]:
    """Every path of the rule, and where it stands."""
    for spot in facts.spots:
        yield from ((path, spot.at) for path in spot.expression.paths)
    yield from _of_conditions(facts.conditions)


def _of_conditions(conditions: Iterable[Condition]) -> Iterator[tuple[Path, Place]]:
    for condition in conditions:
        if isinstance(condition, Nest):
            for group in condition.groups:
                yield from _of_conditions(group)
        else:
            yield condition.path, condition.at

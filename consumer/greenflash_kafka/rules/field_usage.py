"""The paths of a payload that rules read; other parts of a message need not be decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final

from greenflash_kafka.model.payload import Shape
from greenflash_kafka.rules import transitions
from greenflash_kafka.rules.conditions import ConditionLine, tests_of
from greenflash_kafka.rules.expressions.expression import Expression
from greenflash_kafka.rules.expressions.names import Names, Path
from greenflash_kafka.rules.when import TRANSITIONS

Steps = tuple[str, ...]
"""Keys of objects, one in the other; empty for the whole payload. Of a list all is read."""

ALL: Final[frozenset[Steps]] = frozenset([()])
"""The whole payload."""

MOST_FIELDS: Final = 24
"""Fields of one object past which all of it is read: each key of a message is looked for among them one by one."""


def payload_reads(lines: Iterable[ConditionLine], expressions: Iterable[Expression], names: Names) -> frozenset[Steps]:
    """What the conditions and expressions of a rule read, and the `let`s that they may name."""
    found: set[Steps] = set()
    for line in lines:
        found.update(_of_paths(condition_paths(line)))
    for expression in (*expressions, *(let.expression for let in names.lets.values())):
        found.update(_of_paths(expression.paths))
    return frozenset(found)


def condition_paths(line: ConditionLine) -> Iterator[Path]:
    """The paths that a condition reads, those of earlier values included; a let's name is the root of its own."""
    for test in tests_of(line.condition):
        yield test.path
        if test.path.root in ("payload", "item") and any(one.name in TRANSITIONS for one in test.operators):
            for steps in transitions.reads(test.path, line.declared):
                yield Path(test.path.root, steps)


def _of_paths(paths: Iterable[Path]) -> Iterable[Steps]:
    return (_keys(path.steps) for path in paths if path.root == "payload")


def _keys(steps: Iterable[str | int]) -> Steps:
    return tuple(takewhile(lambda step: isinstance(step, str), steps))  # type: ignore[arg-type]


def shape_of(reads: Iterable[Steps]) -> Shape | None:
    """These together as a shape; None where all of the payload is read."""
    fields: dict[str, set[Steps]] = {}
    for steps in reads:
        if not steps:
            return None
        fields.setdefault(steps[0], set()).add(steps[1:])
    if len(fields) > MOST_FIELDS:
        return None
    return {name: shape_of(inner) for name, inner in sorted(fields.items())}

"""The paths of a payload that rules read; other parts of a message need not be decoded."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from greenflash_kafka.expressions.names import Names, Path
from greenflash_kafka.model.payload import Shape

Steps = tuple[str, ...]
"""Keys of objects, one in the other; empty for the whole payload. Of a list all is read."""

ALL: Final[frozenset[Steps]] = frozenset([()])
"""The whole payload."""

MOST_FIELDS: Final = 24
"""Fields of one object past which all of it is read: each key of a message is looked for among them one by one."""


def payload_reads(paths: Iterable[Path], names: Names) -> frozenset[Steps]:
    """What a rule reads by these paths of its conditions and expressions, and by the `let`s that they may name."""
    lets = (path for let in names.lets.values() for path in let.expression.paths)
    return frozenset(_keys(path.steps) for path in (*paths, *lets) if path.root == "payload")


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

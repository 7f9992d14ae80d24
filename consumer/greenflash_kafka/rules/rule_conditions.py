"""The parts of a rule that its conditions are compiled from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.rules.conditions import ConditionLine
from greenflash_kafka.rules.transitions import Declared


@dataclass(frozen=True, slots=True)
class RuleParts:
    """A rule's lines and `where`s, the file's first; `each` says whether it has one. `names` are those of its lines,
    `file` and `line` its place. `null`: a missing payload has a chance, too."""

    name: str
    lines: Sequence[ConditionLine]
    wheres: Sequence[Expression]
    names: Names
    declared: Declared | None = None
    each: bool = False
    null: bool = False
    file: str = ""
    line: int = 0

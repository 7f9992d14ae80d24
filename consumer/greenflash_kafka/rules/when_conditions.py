"""Conditions of `when` as data: tests of a path, and nests of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.expressions.paths import Path
from greenflash_kafka.rules.when_operators.when_operator import Literal


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator with what it is given: a tuple of literals for equality, `not`, `from`, `to`, `becomes`."""

    name: str
    given: Literal | tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A line: a path (as `written`) and its operators, all of which must hold. `is` is a literal or a list.

    `at` is the path's place, `whole` that of the line.
    """

    path: Path
    written: str
    operators: tuple[Operator, ...]
    at: Place
    whole: Place


@dataclass(frozen=True, slots=True)
class Nest:
    """`any` or `none` of several groups of lines (`all` is taken apart when it is read); `at` is the word's place."""

    kind: str
    groups: tuple[tuple[Condition, ...], ...]
    at: Place
    whole: Place


Condition = Test | Nest


def asks_for_nothing(conditions: Iterable[Condition]) -> bool:
    """Whether a rule tests that there is no payload at all: `payload: null`, or `payload: {exists: false}`."""
    for condition in conditions:
        if isinstance(condition, Nest):
            if any(asks_for_nothing(group) for group in condition.groups):
                return True
        elif condition.path.root == "payload" and not condition.path.steps:
            return True
    return False

"""Facts of a rule for those who judge it: its names, fields and conditions, and every expression in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import BEGINNING, Place
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import Names, Path
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.event_fields import Merged, Written
from greenflash_kafka.rules.conditions import ConditionLine
from greenflash_kafka.rules.rule import Valid
from greenflash_kafka.rules.transitions import Declared
from greenflash_kafka.rules.when_conditions import Condition, Nest, Test
from greenflash_kafka.rules.when_operators.when_operator import Literal


class Spot(NamedTuple):
    """An expression of a rule, and where it stands."""

    expression: Expression
    at: Place


Equalities = dict[tuple[str, tuple[str | int, ...]], tuple[Literal, ...]]


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """What checks over one or several files need to know of a rule."""

    name: str
    at: Place
    report: FileReport
    event_at: Place
    merged: Merged
    names: Names
    conditions: tuple[Condition, ...]
    equalities: Equalities
    declared: Declared | None
    written: tuple[Spot, ...]
    each: str
    first_match: bool
    linked: bool = False
    valid: Valid | None = None
    valid_at: Place = BEGINNING
    has_event: bool = True
    """False if the rule has no `event` that could be read."""
    sound: bool = True
    """Whether nothing was wrong with the file down to this rule."""

    @property
    def spots(self) -> Iterator[Spot]:
        """Every expression: `let`, `where` and `each`, then the event's fields."""
        yield from self.written
        for one in (*self.merged.single.values(), *self.merged.properties.values(), *self.merged.whole):
            if one.expression is not None:
                yield Spot(one.expression, one.value_at)

    @property
    def paths(self) -> Iterator[Path]:
        """Every path that the rule names."""
        for spot in self.spots:
            yield from spot.expression.paths
        yield from condition_paths(self.conditions)


def condition_paths(conditions: Iterable[Condition]) -> Iterator[Path]:
    """The paths of lines, however deep they are nested."""
    return (test.path for test in condition_tests(conditions))


def condition_tests(conditions: Iterable[Condition]) -> Iterator[Test]:
    """The lines that test a path, however deep they are nested."""
    for condition in conditions:
        if isinstance(condition, Nest):
            for group in condition.groups:
                yield from condition_tests(group)
        else:
            yield condition


def parts(node: object) -> Iterator[tree.Node]:
    """A part of an expression, and every part in it."""
    if isinstance(node, list | tuple):
        for each in node:
            yield from parts(each)
    elif isinstance(node, tree.Node):
        yield node
        for name in node.__struct_fields__:
            yield from parts(getattr(node, name))


def path_of(node: tree.Node, names: Names) -> Path:
    """A path of an expression whose steps are all written out; one without steps for all else."""
    if not isinstance(node, tree.Steps) or not isinstance(node.base, tree.Name):
        return Path("payload")
    steps: list[str | int] = []
    for step in node.steps:
        if isinstance(step, tree.Member):
            steps.append(step.word)
        elif isinstance(step.at, tree.Literal) and isinstance(step.at.value, str | int):
            steps.append(step.at.value)
        else:
            break
    return Path(*names.envelope.decoded(node.base.word, tuple(steps)))


def constant(written: Written | None) -> object:
    """The value of a field that is the same for every message, else None."""
    expression: Expression | None = written.expression if written is not None else None
    return expression.evaluate(Scope(None)) if expression is not None and expression.constant else None


def equalities(lines: Iterable[ConditionLine]) -> Equalities:
    """Which paths must equal one of which literals for a rule to match."""
    return dict(equality for line in lines if (equality := line.equality) is not None)

"""Which rules could match a payload, by the equality tests of their conditions: looked up, not tried one by one.

A tree: at each node the field that tells most rules apart, one branch for each of the values that they want, and
the rules that don't test this field in a tree of their own. It may name a rule that then doesn't match; it never
leaves out one that would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Generic, TypeVar

from consumer.rules.conditions import Line
from consumer.rules.expressions.paths import steps_getter
from consumer.rules.when import Literal

MAX_LEVELS: Final = 8
"""Fields looked up one after another; rules that none of them tells apart are tried one by one."""

Indexed = TypeVar("Indexed")

Steps = tuple[str | int, ...]

Tests = dict[Steps, frozenset[Literal]]
"""Steps from the root to the literals one of which must be there."""

_Entry = tuple[Tests, int]
_Find = Callable[[object], tuple[int, ...]]


def tests_of(lines: Iterable[Line], root: str) -> Tests:
    """The equality tests among a rule's lines on one root (`payload` or `item`)."""
    tests: Tests = {}
    for line in lines:
        path = line.path
        if path is not None and line.equals is not None and path.root == root and path.steps:
            wanted = frozenset(line.equals)
            tests[path.steps] = tests[path.steps] & wanted if path.steps in tests else wanted
    return tests


class Index(Generic[Indexed]):
    """Finds the candidates for a value, in the order in which they were given."""

    __slots__ = ("_entries", "_find")

    def __init__(self, entries: Sequence[tuple[Tests, Indexed]]) -> None:
        self._entries = tuple(entry for _, entry in entries)
        self._find = _node([(tests, position) for position, (tests, _) in enumerate(entries)], MAX_LEVELS)

    def candidates(self, value: object) -> Sequence[Indexed]:
        """Every entry whose equality tests could hold on the value."""
        found = self._find(value)
        if not found:
            return ()
        entries = self._entries
        return [entries[position] for position in found]


def _node(entries: list[_Entry], levels: int) -> _Find:
    steps = _telling(entries) if levels else None
    if steps is None:
        everyone = tuple(position for _, position in entries)
        return lambda _value: everyone
    table: dict[Literal, list[_Entry]] = defaultdict(list)
    others: list[_Entry] = []
    for tests, position in entries:
        if steps not in tests:
            others.append((tests, position))
            continue
        rest = {path: wanted for path, wanted in tests.items() if path != steps}
        for literal in tests[steps]:
            table[literal].append((rest, position))
    branches = {literal: _branch(inner, levels - 1) for literal, inner in table.items()}
    return _lookup(steps_getter(steps), branches, _node(others, levels - 1) if others else None)


def _branch(entries: list[_Entry], levels: int) -> tuple[int, ...] | _Find:
    if len(entries) == 1:
        # Its own conditions are as quick as one more look-up.
        return (entries[0][1],)
    return _node(entries, levels)


def _lookup(
    get: Callable[[object], object], branches: dict[Literal, tuple[int, ...] | _Find], others: _Find | None
) -> _Find:
    def find(value: object) -> tuple[int, ...]:
        key = get(value)
        try:
            branch = branches.get(key)  # type: ignore[call-overload]
        except TypeError:
            branch = None  # a list or an object, which no literal equals
        found: tuple[int, ...]
        if branch is None:
            found = ()
        else:
            found = branch if branch.__class__ is tuple else branch(value)
        if others is None:
            return found
        more = others(value)
        if not found:
            return more
        return tuple(sorted((*found, *more))) if more else found

    return find


def _telling(entries: list[_Entry]) -> Steps | None:
    """The field that leaves the fewest candidates; None if no rule tests any."""
    covered: dict[Steps, int] = defaultdict(int)
    values: dict[Steps, set[Literal]] = defaultdict(set)
    for tests, _ in entries:
        for steps, wanted in tests.items():
            covered[steps] += 1
            values[steps] |= wanted
    return max(covered, key=lambda steps: covered[steps] * (1 - 1 / (len(values[steps]) + 1)), default=None)

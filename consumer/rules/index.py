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
from consumer.rules.expressions.emitter import Constants, Emitter, load
from consumer.rules.when import Literal

MAX_LEVELS: Final = 8
"""Fields looked up one after another; rules that none of them tells apart are tried one by one."""

Indexed = TypeVar("Indexed")

Steps = tuple[str | int, ...]

Tests = dict[Steps, frozenset[Literal]]
"""Steps from the root to the literals one of which must be there."""

_Entry = tuple[Tests, int]
_Find = Callable[[object], tuple[int, ...]]
"""From a value to the places of the entries that could match it, in order."""

_Found = tuple[int, ...] | _Find
"""The places, where nothing is left to look up, or a look-up."""


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

    __slots__ = ("_entries", "find")

    def __init__(self, entries: Sequence[tuple[Tests, Indexed]]) -> None:
        self._entries = tuple(entry for _, entry in entries)
        root = _node([(tests, place) for place, (tests, _) in enumerate(entries)], MAX_LEVELS)
        self.find: _Find = (lambda _: root) if isinstance(root, tuple) else root
        """The candidates' places among the entries; most often there is none, and then this is all that it costs."""

    def candidates(self, value: object) -> Sequence[Indexed]:
        """Every entry whose equality tests could hold on the value."""
        entries = self._entries
        return [entries[place] for place in self.find(value)]


def _node(entries: list[_Entry], levels: int) -> _Found:
    steps = _telling(entries) if levels else None
    if steps is None:
        return tuple(place for _, place in entries)
    table: dict[Literal, list[_Entry]] = defaultdict(list)
    others: list[_Entry] = []
    for tests, place in entries:
        if steps not in tests:
            others.append((tests, place))
            continue
        rest = {path: wanted for path, wanted in tests.items() if path != steps}
        for literal in tests[steps]:
            table[literal].append((rest, place))
    branches = {literal: _branch(inner, levels - 1) for literal, inner in table.items()}
    return _lookup(steps, branches, _node(others, levels - 1) if others else ())


def _branch(entries: list[_Entry], levels: int) -> _Found:
    # A single one's own conditions are as quick as one more look-up.
    return (entries[0][1],) if len(entries) == 1 else _node(entries, levels)


def _lookup(steps: Steps, branches: dict[Literal, _Found], others: _Found) -> _Find:
    """A node's look-up as one function: calling another for the field alone would be half of its time."""
    constants, emitter = Constants(), Emitter("find", "value")
    emitter.line("key = value")
    for step in steps:
        name = constants.name(step)
        if isinstance(step, str):
            # No exception when it is missing, as in most expressions: of these messages it is missing in many.
            emitter.line(f"key = key.get({name}) if key.__class__ is dict else None")
        else:
            emitter.line(f"key = at(key, {name})")
    with emitter.block("try:"):
        emitter.line(f"found = {constants.name(branches)}.get(key, {constants.name(())})")
    with emitter.block("except Missing:"):
        emitter.line("found = ()")  # a list or an object, which no literal equals
    if not all(isinstance(branch, tuple) for branch in branches.values()):
        with emitter.block(f"if found.__class__ is not {constants.name(tuple)}:"):
            emitter.line("found = found(value)")
    if not others:
        emitter.line("return found")
    elif isinstance(others, tuple):
        emitter.line(f"return {constants.name(_merged)}(found, {constants.name(others)})")
    else:
        emitter.line(f"return {constants.name(_merged)}(found, {constants.name(others)}(value))")
    return load([emitter], constants)


def _merged(found: tuple[int, ...], more: tuple[int, ...]) -> tuple[int, ...]:
    if found and more:
        return tuple(sorted((*found, *more)))
    return found or more


def _telling(entries: list[_Entry]) -> Steps | None:
    """The field that leaves the fewest candidates; None if no rule tests any."""
    covered: dict[Steps, int] = defaultdict(int)
    values: dict[Steps, set[Literal]] = defaultdict(set)
    for tests, _ in entries:
        for steps, wanted in tests.items():
            covered[steps] += 1
            values[steps] |= wanted
    return max(covered, key=lambda steps: covered[steps] * (1 - 1 / (len(values[steps]) + 1)), default=None)

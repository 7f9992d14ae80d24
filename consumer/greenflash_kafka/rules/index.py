"""The index from a message to the rules that could match it, by the values that their conditions require.

A tree: at each node the field that tells most rules apart, one branch for each of the values that they want, and
the rules that don't ask for this field in a tree of their own. It may name a rule that then doesn't match; it never
leaves out one that would.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.conditions import Field, Tests
from greenflash_kafka.rules.expressions.emitter import Constants, Emitter, load
from greenflash_kafka.rules.kafka_facts import header
from greenflash_kafka.rules.when import Literal

MAX_LEVELS: Final = 8
"""Fields looked up one after another; rules that none of them tells apart are tried one by one."""

_UNNAMED: Final = 4
"""Values of a field that messages have and no rule names, as a guess; of true and false there are no others."""

Indexed = TypeVar("Indexed")

Find = Callable[[object, Message], tuple[int, ...]]
"""From a payload (or an item) and its record to the places of the entries that could match, in order."""

_Entry = tuple[Tests, int]

_Found = tuple[int, ...] | Find
"""The places, where nothing is left to look up, or a look-up."""


class CandidateIndex(Generic[Indexed]):
    """Finds the candidates for a value, in the order in which they were given."""

    __slots__ = ("_entries", "find")

    def __init__(self, entries: Sequence[tuple[Tests, Indexed]]) -> None:
        self._entries = tuple(entry for _, entry in entries)
        root = _node([(tests, place) for place, (tests, _) in enumerate(entries)], MAX_LEVELS)
        self.find: Find = (lambda _value, _message: root) if isinstance(root, tuple) else root
        """The candidates' places among the entries; most often there is none, and then this is all that it costs."""

    def candidates(self, value: object, message: Message) -> Sequence[Indexed]:
        """Every entry that could match."""
        entries = self._entries
        return [entries[place] for place in self.find(value, message)]


def _node(entries: list[_Entry], levels: int) -> _Found:
    field = _telling(entries) if levels else None
    if field is None:
        return tuple(place for _, place in entries)
    table: dict[Literal, list[_Entry]] = defaultdict(list)
    others: list[_Entry] = []
    for tests, place in entries:
        if field not in tests:
            others.append((tests, place))
            continue
        rest = {other: wanted for other, wanted in tests.items() if other != field}
        for literal in dict.fromkeys(tests[field]):
            table[literal].append((rest, place))
    branches = {literal: _branch(inner, levels - 1) for literal, inner in table.items()}
    return _lookup(field, branches, _node(others, levels - 1) if others else ())


def _branch(entries: list[_Entry], levels: int) -> _Found:
    # A single one's own conditions are as quick as one more look-up.
    return (entries[0][1],) if len(entries) == 1 else _node(entries, levels)


def _lookup(field: Field, branches: dict[Literal, _Found], others: _Found) -> Find:
    """A node's look-up as one function: calling another for the field alone would be half of its time."""
    constants, emitter = Constants(), Emitter("find", "value, message")
    name = constants.name
    root, steps = field
    if root == "kafka":
        emitter.line(f"key = {name(header)}(message, {name(steps[-1])})")
    else:
        emitter.line("key = value")
        for step in steps:
            # No exception when it is missing, as in most expressions: of these messages it is missing in many.
            get = f"key.get({name(step)}) if key.__class__ is dict else None"
            emitter.line(f"key = {get if isinstance(step, str) else f'at(key, {name(step)})'}")
    with emitter.block("try:"):
        emitter.line(f"found = {name(branches)}.get(key, {name(())})")
    with emitter.block("except Missing:"):
        emitter.line("found = ()")  # a list or an object, which no literal equals
    if not all(isinstance(branch, tuple) for branch in branches.values()):
        with emitter.block(f"if found.__class__ is not {name(tuple)}:"):
            emitter.line("found = found(value, message)")
    if not others:
        emitter.line("return found")
    else:
        more = name(others) if isinstance(others, tuple) else f"{name(others)}(value, message)"
        emitter.line(f"return {name(_merged)}(found, {more})")
    return load([emitter], constants)


def _merged(found: tuple[int, ...], more: tuple[int, ...]) -> tuple[int, ...]:
    if found and more:
        return tuple(sorted((*found, *more)))
    return found or more


def _telling(entries: list[_Entry]) -> Field | None:
    """The field that keeps off most rules, if each of its values is as frequent; None if no rule requires any."""
    covered: dict[Field, int] = defaultdict(int)
    values: dict[Field, set[Literal]] = defaultdict(set)
    for tests, _ in entries:
        for field, wanted in tests.items():
            covered[field] += 1
            values[field].update(wanted)
    kept: dict[Field, float] = defaultdict(float)
    for tests, _ in entries:
        for field, wanted in tests.items():
            kept[field] += len(wanted) / _domain(values[field])
    return max(covered, key=lambda field: covered[field] - kept[field], default=None)


def _domain(values: set[Literal]) -> int:
    """How many values of a field there are, about."""
    return 2 if all(isinstance(value, bool) for value in values) else len(values) + _UNNAMED

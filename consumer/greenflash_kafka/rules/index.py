"""The index from a message to the rules that could match it.

It looks at one field: the one whose literals tell most rules apart (`type`, say). A dict has, for each of these
literals, the rules that want it and the rules that don't ask for the field. A message meets these alone. It may meet a
rule that then doesn't match; a rule that would match is never left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Generic, TypeVar

from greenflash_kafka.expressions.compiler import ExpressionCompiler
from greenflash_kafka.expressions.emitter import Emitter, compile_all
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.conditions import Field, Tests
from greenflash_kafka.rules.kafka_facts import header, schema_of
from greenflash_kafka.rules.when_operators.when_operator import Literal

_UNNAMED: Final = 4
"""Values of a field that messages have and no rule names, as a guess."""

Indexed = TypeVar("Indexed")

Read = Callable[[object, Message], object]
"""A field of a payload (or an item) and its record; None if it is missing."""

Find = Callable[[object, Message], tuple[int, ...]]
"""From a payload (or an item) and its record to the places of the entries that could match, in order."""


class CandidateIndex(Generic[Indexed]):
    """Finds the candidates for a value, in the order in which they were given."""

    __slots__ = ("_entries", "find")

    def __init__(self, entries: Sequence[tuple[Tests, Indexed]], readers: Mapping[Field, Read]) -> None:
        self._entries = tuple(entry for _, entry in entries)
        self.find = _find([tests for tests, _ in entries], readers)
        """The candidates' places among the entries; most often there is none, and then this is all that it costs."""

    def candidates(self, value: object, message: Message) -> Sequence[Indexed]:
        """Every entry that could match."""
        entries = self._entries
        return [entries[place] for place in self.find(value, message)]


def _find(tests: Sequence[Tests], readers: Mapping[Field, Read]) -> Find:
    everything = tuple(range(len(tests)))
    field = _most_telling(tests)
    if field is None:
        return lambda _value, _message: everything
    others = tuple(place for place in everything if field not in tests[place])
    table: dict[object, tuple[int, ...]] = {}
    pinned: dict[Literal, list[int]] = defaultdict(list)
    for place in everything:
        for literal in dict.fromkeys(tests[place].get(field, ())):
            pinned[literal].append(place)
    for literal, places in pinned.items():
        table[literal] = tuple(sorted((*places, *others)))
    read, get = readers[field], table.get

    def find(value: object, message: Message) -> tuple[int, ...]:
        try:
            return get(read(value, message), others)
        except TypeError:
            return others  # a list or an object, which no literal equals

    return find


def _most_telling(tests: Sequence[Tests]) -> Field | None:
    """The field that keeps off most entries, if each of its literals is as frequent; None if no entry pins any."""
    literals: dict[Field, set[Literal]] = defaultdict(set)
    for each in tests:
        for field, wanted in each.items():
            literals[field].update(wanted)
    kept_off: dict[Field, float] = defaultdict(float)
    for each in tests:
        for field, wanted in each.items():
            kept_off[field] += 1 - len(wanted) / (len(literals[field]) + _UNNAMED)
    return max(kept_off, key=lambda field: kept_off[field], default=None)


def field_readers(fields: Iterable[Field]) -> dict[Field, Read]:
    """What reads each of these fields."""
    code = ExpressionCompiler("", Names())
    named: dict[Field, str] = {}
    for root, steps in dict.fromkeys(fields):
        name = named[root, steps] = f"read{len(named)}"
        code.emitter, code.looked_up = Emitter(name, "value, message"), {(root, ()): "value"}
        if root == "kafka" and steps == ("schema",):
            found = f"{code.constants.name(schema_of)}(message)"
        elif root == "kafka":
            found = f"{code.constants.name(header)}(message, {code.constants.name(steps[-1])})"
        else:
            found = code.look_up(root, steps)
        code.emitter.line(f"return {found}")
        code.functions.append(code.emitter)
    functions = compile_all(code.functions, code.constants)
    return {field: functions[name] for field, name in named.items()}

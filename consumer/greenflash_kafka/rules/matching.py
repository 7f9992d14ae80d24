"""Compiled conditions: one function for all conditions of a rule, in which no field is read twice.

Equality comes first, whatever the file's order: it decides most often, counts nothing, and is what the index looks
up. So it makes no difference whether a rule was tried or was known not to match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules import transitions
from greenflash_kafka.rules.comparisons import among, compared, moved
from greenflash_kafka.rules.conditions import ConditionLine, Field, is_header
from greenflash_kafka.rules.expressions.emitter import Constants, Emitter, load
from greenflash_kafka.rules.expressions.path_parser import Path, path_getter
from greenflash_kafka.rules.expressions.scope import Scope
from greenflash_kafka.rules.kafka_facts import header
from greenflash_kafka.rules.when import TRANSITIONS, Condition, Literal, Nest, Operator, Test

Wanted = Callable[[object, Message], bool]
Holds = Callable[[object, Message, list[Count]], bool]
"""Whether conditions hold on a payload, or an item; what can't be compared is counted into the list."""

Check = Callable[[Scope, list[Count]], bool]
"""The same on a scope; it fails by the error of a `let` that it reads, and by nothing else."""

_MANY = 8
"""Literals from which on a set is faster than looking at one after another."""


def holds(lines: Sequence[ConditionLine], *, null: bool) -> Holds:
    """All of these lines, which read the payload and headers alone; `null`: a missing payload has a chance, too."""
    code = _ConditionCode("holds", "value, message, counts", lines)
    if not null:
        code.fail("value is None")
    code.equalities(lines)
    code.others(lines)
    return code.load()


def wanted(lines: Sequence[ConditionLine]) -> Wanted:
    """The equality tests of lines that read an item alone."""
    code = _ConditionCode("wanted", "value, message", lines)
    code.equalities(lines)
    return code.load()


def rest(lines: Sequence[ConditionLine]) -> Holds:
    """What `wanted` leaves of the same lines."""
    code = _ConditionCode("rest", "value, message, counts", lines)
    code.others(lines)
    return code.load()


def check(line: ConditionLine) -> Check:
    """One line by itself, whatever it reads."""
    code = _ConditionCode("check", "s, counts", [line])
    code.condition(line.condition)
    return code.load()


class _ConditionCode:
    """Writes a function that is false as soon as one condition fails, and true at its end."""

    def __init__(
        self,
        name: str,
        parameters: str,
        lines: Sequence[ConditionLine],
        constants: Constants | None = None,
        functions: list[Emitter] | None = None,
    ) -> None:
        self._parameters = parameters
        self._lines = lines
        self._on_scope = parameters.startswith("s,")
        self._constants = Constants() if constants is None else constants
        self._functions: list[Emitter] = [] if functions is None else functions
        self._out = Emitter(name, parameters)
        self._known: dict[Field, str] = {}
        self._groups = 0

    def load(self) -> Callable[..., bool]:
        """The compiled function."""
        return load(self._finished(), self._constants)

    def _finished(self) -> list[Emitter]:
        self._out.line("return True")
        self._functions.append(self._out)
        return self._functions

    def fail(self, when: str) -> None:
        """Write a test of failing."""
        with self._out.block(f"if {when}:"):
            self._out.line("return False")

    def equalities(self, lines: Iterable[ConditionLine]) -> None:
        """What the lines require."""
        for line in lines:
            for (root, steps), literals in line.requires.items():
                self._equals(self._read(Path(root, steps)), literals)

    def others(self, lines: Iterable[ConditionLine]) -> None:
        """The lines of which `equalities` doesn't say all."""
        for line in lines:
            if not line.sure:
                self.condition(line.condition)

    def condition(self, condition: Condition) -> None:
        """Write one condition."""
        if isinstance(condition, Nest):
            self._nest(condition)
        else:
            self._test(condition)

    def _nest(self, nest: Nest) -> None:
        calls = [self._group(group) for group in nest.groups]
        any_of = " or ".join(calls) or "False"
        self.fail(f"not ({any_of})" if nest.kind == "any" else any_of)

    def _group(self, conditions: Iterable[Condition]) -> str:
        """A function of its own for conditions that needn't hold; gives its call."""
        self._groups += 1
        name = f"{self._out.name}_{self._groups}"
        inner = _ConditionCode(name, self._parameters, self._lines, self._constants, self._functions)
        for condition in conditions:
            inner.condition(condition)
        inner._finished()
        return f"{name}({self._parameters})"

    def _test(self, test: Test) -> None:
        value, rule = self._read(test.path), self._lines[0].rule
        unlike = Count("type-mismatch", rule, test.written)
        for operator in test.operators:
            if operator.name not in TRANSITIONS:
                self._operator(value, operator, unlike)
        changes = tuple(operator for operator in test.operators if operator.name in TRANSITIONS)
        if changes:
            before = transitions.getter(test.path, self._lines[0].declared)
            holds = self._constants.name(moved(changes, before, Count("no-earlier-value", rule, test.written), unlike))
            self.fail(f"not {holds}({value}, {self._root(test.path)}, counts)")

    def _operator(self, value: str, operator: Operator, unlike: Count) -> None:
        given = operator.given
        if operator.name == "exists":
            self.fail(f"{value} is None" if given else f"{value} is not None")
        elif not isinstance(given, tuple):
            holds = self._constants.name(compared(operator.name, given, unlike))
            self.fail(f"{value} is None or not {holds}({value}, counts)")
        elif operator.name == "not":
            self.fail(f"{value} is None or {self._among(value, given)}")
        else:
            self._equals(value, given)

    def _equals(self, value: str, given: tuple[Literal, ...]) -> None:
        name = self._constants.name
        if len(given) == 1 and isinstance(given[0], bool):
            self.fail(f"{value} is not {given[0]}")
        elif len(given) == 1 and isinstance(given[0], str):
            self.fail(f"{value} != {name(given[0])}")
        else:
            self.fail(f"not {self._among(value, given)}")

    def _among(self, value: str, given: tuple[Literal, ...]) -> str:
        name = self._constants.name
        if not all(isinstance(one, str) for one in given):
            return f"{name(among)}({value}, {name(given)})"
        # Texts are equal to nothing but texts.
        if len(given) < _MANY:
            return f"({value} in {name(given)})"
        return f"({value}.__class__ is {name(str)} and {value} in {name(frozenset(given))})"

    def _root(self, path: Path) -> str:
        """Where the earlier value of a path is looked for."""
        if path.root not in ("payload", "item"):
            return "None"
        return f"s.{path.root}" if self._on_scope else "value"

    def _read(self, path: Path) -> str:
        """Write the steps that haven't been written yet, and give the name of what is found; None if it is missing."""
        known = self._known.get((path.root, path.steps))
        if known is not None:
            return known
        name = self._constants.name
        if self._on_scope:
            found = f"{name(path_getter(path, self._lines[0].names))}(s)"
        elif is_header(path):
            found = f"{name(header)}(message, {name(path.steps[1])})"
        elif not path.steps:
            return "value"
        else:
            *way, last = path.steps
            above = self._read(Path(path.root, tuple(way)))
            key = name(last)
            found = f"{above}.get({key}) if {above}.__class__ is dict else None"
            if isinstance(last, int):
                found = f"at({above}, {key})"
        variable = self._known[path.root, path.steps] = f"v{len(self._known)}"
        self._out.line(f"{variable} = {found}")
        return variable

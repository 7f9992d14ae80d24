"""Code of conditions: the lines of `when`, and `where`, written by the compiler of expressions.

A function of conditions fails as soon as one of them does, and reads no field twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from greenflash_kafka.expressions.compiler import ExpressionCompiler
from greenflash_kafka.expressions.emitter import Emitter
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.iso_times import iso_time
from greenflash_kafka.expressions.names import Names, Path
from greenflash_kafka.expressions.path_parser import path_node
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules import transitions
from greenflash_kafka.rules.comparisons import compared, moved
from greenflash_kafka.rules.conditions import ConditionLine, is_header
from greenflash_kafka.rules.kafka_facts import header
from greenflash_kafka.rules.transitions import Declared
from greenflash_kafka.rules.when_conditions import Condition, Nest, Operator, Test
from greenflash_kafka.rules.when_operators.all_operators import EQUALITIES, TRANSITIONS
from greenflash_kafka.rules.when_operators.parts import among
from greenflash_kafka.rules.when_operators.when_operator import Literal

_MANY = 8
"""Literals from which on a set is faster than looking at one after another."""


class ConditionCode(ExpressionCompiler):
    """Writes the functions of one rule's conditions, whose paths mean what `names` say."""

    def __init__(self, rule: str, names: Names, declared: Declared | None, line: int = 0) -> None:
        super().__init__("", names, line)
        self._rule = rule
        self._declared = declared
        self._earlier: dict[Path, tuple[str, dict[Path, None]]] = {}
        self.failed = "False"
        """What the function that is being written returns when a condition fails."""

    @contextmanager
    def function(self, name: str, parameters: str = "s, counts") -> Iterator[Emitter]:
        """Write another function meanwhile."""
        outer = self.emitter, self.looked_up, self.failed
        self.emitter, self.looked_up, self.failed = Emitter(name, parameters, self.emitter.at), {}, "False"
        yield self.emitter
        self.functions.append(self.emitter)
        self.emitter, self.looked_up, self.failed = outer

    @contextmanager
    def only_if(self, test: str) -> Iterator[None]:
        """Write what is done only sometimes, so that what it reads isn't there for what follows."""
        outer, self.looked_up = self.looked_up, dict(self.looked_up)
        with self.emitter.block(f"if {test}:"):
            yield
        self.looked_up = outer

    def fail(self, when: str) -> None:
        """Write a test of failing."""
        with self.emitter.block(f"if {when}:"):
            self.emitter.line(f"return {self.failed}")

    def equalities(self, lines: Iterable[ConditionLine]) -> None:
        """What the lines require. Equality comes first, whatever the file's order: it decides most often, counts
        nothing, and is what the index looks up. So it makes no difference whether a rule was tried."""
        for line in lines:
            self.emitter.at = line.condition.whole.line
            for (root, steps), literals in line.requires.items():
                self._equals(self.read(Path(root, steps)), literals)

    def others(self, lines: Iterable[ConditionLine]) -> None:
        """The lines of which `equalities` doesn't say all."""
        for line in lines:
            if not line.sure:
                self.condition(line.condition)

    def where(self, where: Expression) -> None:
        """A `where`, which must come out true."""
        value = self.inline(where)
        with self.emitter.block(f"if {value} is not True:"):
            self.emitter.line(f"{self.constants.name(_must_be_boolean)}({value})")
            self.emitter.line(f"return {self.failed}")

    def condition(self, condition: Condition) -> None:
        """Write one condition."""
        self.emitter.at = condition.whole.line
        if isinstance(condition, Nest):
            calls = [self._group(group) for group in condition.groups]
            any_of = " or ".join(calls) or "False"
            self.fail(f"not ({any_of})" if condition.kind == "any" else any_of)
        else:
            self._test(condition)

    def _group(self, conditions: Iterable[Condition]) -> str:
        """A function of its own for conditions that needn't hold; gives its call."""
        name = f"group{len(self.functions)}_{self.temporary()}"
        with self.function(name):
            for condition in conditions:
                self.condition(condition)
            self.emitter.line("return True")
        return f"{name}(s, counts)"

    def _test(self, test: Test) -> None:
        value = self.read(test.path)
        unlike = Count("type-mismatch", self._rule, test.written)
        for operator in test.operators:
            if operator.name not in TRANSITIONS:
                self._operator(value, operator, unlike)
        changes = tuple(operator for operator in test.operators if operator.name in TRANSITIONS)
        if changes:
            holds = self.constants.name(moved(changes, Count("no-earlier-value", self._rule, test.written), unlike))
            before = self.earlier(test.path)
            root = f"s.{test.path.root}" if before != "None" else "None"
            self.fail(f"not {holds}({value}, {before}, {root}, counts)")

    def _operator(self, value: str, operator: Operator, unlike: Count) -> None:
        given = operator.given
        if operator.name == "exists":
            self.fail(f"{value} is None" if given else f"{value} is not None")
        elif not isinstance(given, tuple) or operator.name not in EQUALITIES:
            holds = self.constants.name(compared(operator.name, given, unlike))
            self.fail(f"{value} is None or not {holds}({value}, counts)")
        elif operator.name == "not":
            self.fail(f"{value} is None or {self._among(value, given)}")
        else:
            self._equals(value, given)

    def _equals(self, value: str, given: tuple[Literal, ...]) -> None:
        name = self.constants.name
        if len(given) == 1 and isinstance(given[0], bool):
            self.fail(f"{value} is not {given[0]}")
        elif len(given) == 1 and isinstance(given[0], str) and iso_time(given[0]) is None:
            self.fail(f"{value} != {name(given[0])}")
        else:
            self.fail(f"not {self._among(value, given)}")

    def _among(self, value: str, given: tuple[Literal, ...]) -> str:
        name = self.constants.name
        if not all(isinstance(one, str) and iso_time(one) is None for one in given):
            return f"{name(among)}({value}, {name(given)})"
        # Texts that say no time are equal to nothing but texts.
        if len(given) < _MANY:
            return f"({value} in {name(given)})"
        return f"({value}.__class__ is {name(str)} and {value} in {name(frozenset(given))})"

    def read(self, path: Path) -> str:
        """The value of a path; None if it is missing."""
        if path.root in ("payload", "item"):
            self.note(path.root, path.steps)
            return self.look_up(path.root, path.steps)
        known = self.looked_up.get((path.root, path.steps))
        if known is None:
            known = self.looked_up[path.root, path.steps] = self.temporary()
            found = self._header(path) if is_header(path) else self.operand(path_node(path)).code
            self.emitter.line(f"{known} = {found}")
        return known

    def _header(self, path: Path) -> str:
        """Of all headers only this one is decoded."""
        self.note(path.root, path.steps)
        return f"{self.constants.name(header)}(s.kafka.message, {self.constants.name(path.steps[1])})"

    def earlier(self, path: Path) -> str:
        """The name of the function that gives a path's earlier value of the payload or the item; "None" if nothing
        ever tells it."""
        if not transitions.by_list(path):
            return "None"
        if path not in self._earlier:
            name, (outer, self.paths) = f"earlier{len(self._earlier)}", (self.paths, {})
            with self.function(name, "root"):
                transitions.write_earlier(self, path, self._declared)
            self._earlier[path], self.paths = (name, self.paths), outer
        name, paths = self._earlier[path]
        self.paths |= paths
        return name


def _must_be_boolean(value: object) -> None:
    """Raise EvaluationError if the value is neither true, false nor missing."""
    if value is not None and value.__class__ is not bool:
        raise EvaluationError("type-mismatch", "`where` must come out true or false")

"""The compiled conditions of a rule: all its functions are compiled together when its file is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import msgspec

from greenflash_kafka.expressions.emitter import compile_all
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import Names, Path
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Value
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.condition_code import ConditionCode
from greenflash_kafka.rules.conditions import ConditionLine, Tests, make_line, required, tests_of
from greenflash_kafka.rules.transitions import Declared
from greenflash_kafka.rules.when_conditions import Condition
from greenflash_kafka.rules.when_operators.all_operators import TRANSITIONS

Holds = Callable[[Scope, list[Count]], bool]
"""Whether conditions hold; what can't be compared is counted into the list."""


class Broken(Exception):
    """Whether a rule matches can't be told; `condition` is where, as an explanation names it."""

    def __init__(self, problem: Problem, condition: str) -> None:
        self.problem = problem
        self.condition = condition


class ConditionOperand(msgspec.Struct, frozen=True):
    """A path that a condition reads, as it is written, and how it is read: `read` gives what is found (None if it is
    missing). `earlier` gives the value before the change, or an `Earlier`, from the payload (or the item, as the
    path's root says); None for a condition that doesn't ask for it. `read` raises EvaluationError for a let in error.
    """

    path: Path
    read: Callable[[Scope], Value]
    earlier: Callable[[object], object] | None = None


class CompiledCondition(msgspec.Struct, frozen=True, eq=False):
    """One line of `when` (`line`), or a `where` (None), by itself.

    `holds` says whether it does; it raises EvaluationError for a `where` or a let in error. `operands` are what it
    looks at; `reads` are all paths that it reads, those of earlier values included (a let's name is the root of its
    own).
    """

    written: str
    line: ConditionLine | None
    uses_item: bool
    holds: Holds
    operands: tuple[ConditionOperand, ...]
    reads: tuple[Path, ...]


class RuleCode(msgspec.Struct, frozen=True, eq=False):
    """What a rule asks for, in the order in which it is asked.

    `holds`: the conditions that read neither the item nor lets. `item_equals`, for each item: its equality tests, which
    count nothing; `item_holds`: the other conditions on the item alone. `rest`: the conditions that read lets, or the
    item beside something else, and `where`; it gives the name of the first that fails, None if all hold; with false
    as its last argument it leaves out what needs an item. It raises Broken. `rest` is None if there is nothing left.
    `message` and `items` are the conditions that `holds` and the two of the item stand for; `conditions` are all.
    `null`: a missing payload has a chance, too. `pins` and `item_pins` are what a message, and an item, must have for
    the rule to have a chance: what an index looks up. `parts` is what it was compiled from.
    """

    holds: Holds
    item_equals: Callable[[Scope], bool]
    item_holds: Holds
    rest: Callable[[Scope, list[Count], bool], str | None] | None
    conditions: tuple[CompiledCondition, ...]
    message: tuple[CompiledCondition, ...]
    items: tuple[CompiledCondition, ...]
    null: bool
    pins: Tests
    item_pins: Tests
    parts: RuleParts

    @property
    def reads(self) -> tuple[Path, ...]:
        """All paths that the conditions read."""
        return tuple(path for condition in self.conditions for path in condition.reads)


@dataclass(frozen=True, slots=True)
class RuleParts:
    """What a rule's code is made of: its lines and `where`s, the file's first; `each` says whether it has one. `names`
    are those of its lines, `file` and `line` its place. `null`: a missing payload has a chance, too."""

    name: str
    lines: Sequence[ConditionLine]
    wheres: Sequence[Expression]
    names: Names
    declared: Declared | None = None
    each: bool = False
    null: bool = False
    file: str = ""
    line: int = 0


def compile_rule(parts: RuleParts) -> RuleCode:
    """Compile a rule's conditions."""
    return _RuleWriter(parts).compiled()


def compile_condition(parts: RuleParts, condition: Condition) -> CompiledCondition:
    """Compile one condition by itself (a branch of `any`, say) as the rule's own lines are compiled."""
    alone = replace(parts, lines=[make_line(condition, parts.names)], wheres=(), null=True)
    return _RuleWriter(alone).compiled().conditions[0]


@dataclass(frozen=True, slots=True)
class _Written:
    """A condition whose functions are written: `name` is that of `holds`, `operands` have the names of theirs."""

    name: str
    written: str
    line: ConditionLine | None
    uses_item: bool
    operands: tuple[tuple[Path, str, str], ...]
    reads: tuple[Path, ...]

    def compiled(self, functions: Mapping[str, Any]) -> CompiledCondition:
        """The condition, by the functions of these names."""
        operands = tuple(
            ConditionOperand(path, functions[read], functions.get(earlier)) for path, read, earlier in self.operands
        )
        return CompiledCondition(self.written, self.line, self.uses_item, functions[self.name], operands, self.reads)


class _RuleWriter:
    """Writes the functions of a rule."""

    def __init__(self, parts: RuleParts) -> None:
        self._parts = parts
        self._code = ConditionCode(parts.name, parts.names, parts.declared, parts.line)
        self._readers: dict[Path, str] = {}
        plain = [line for line in parts.lines if line.let is None]
        self._message = [line for line in plain if not (parts.each and line.uses_item)]
        self._items = [line for line in plain if parts.each and line.uses_item]
        # What `let` can make fail comes after what can't, as the language promises; then `where`.
        lets = [line for line in parts.lines if line.let is not None]
        self._last = [line for line in self._items if line.root == ""] + lets

    def compiled(self) -> RuleCode:
        """All of them, by one compilation."""
        self._of_message()
        self._of_item()
        if self._last or self._parts.wheres:
            self._rest()
        written = [self._line(f"line{number}", line) for number, line in enumerate(self._parts.lines)]
        written += [self._where(f"where{number}", where) for number, where in enumerate(self._parts.wheres)]
        code = self._code
        functions = compile_all(code.functions, code.constants, {"EvaluationError": EvaluationError}, self._parts.file)
        conditions = tuple(each.compiled(functions) for each in written)
        return RuleCode(
            functions["holds"],
            functions["item_equals"],
            functions["item_holds"],
            functions.get("rest"),
            conditions,
            tuple(each for each in conditions if each.line in self._message),
            tuple(each for each in conditions if each.line in self._items),
            self._parts.null,
            required(self._parts.lines, "payload"),
            required(self._parts.lines, "item"),
            self._parts,
        )

    def _of_message(self) -> None:
        code, lines = self._code, [line for line in self._message if line.root == "payload"]
        with code.function("holds"):
            if not self._parts.null:
                # A message without a payload (a tombstone, JSON's null) matches only rules that ask for that: a test of
                # a missing field would hold on every one of them.
                code.fail("s.payload is None")
            code.equalities(lines)
            code.others(lines)
            for line in self._message:
                if line.root == "":
                    code.condition(line.condition)
            code.emitter.line("return True")

    def _of_item(self) -> None:
        code, lines = self._code, [line for line in self._items if line.root == "item"]
        with code.function("item_equals", "s"):
            code.equalities(lines)
            code.emitter.line("return True")
        with code.function("item_holds"):
            code.others(lines)
            code.emitter.line("return True")

    def _rest(self) -> None:
        code = self._code
        with code.function("rest", "s, counts, items"):
            for line in self._last:
                with self._guarded(line.written, f"let.{line.let}", line.uses_item):
                    code.condition(line.condition)
            for where in self._parts.wheres:
                with self._guarded("where", "where", where.uses_item):
                    code.where(where)

    @contextmanager
    def _guarded(self, written: str, field: str, uses_item: bool) -> Iterator[None]:
        """Write a condition that may be in error: then nobody can tell whether the rule matches."""
        code, name = self._code, self._code.constants.name
        code.failed = name(written)
        with code.only_if("items") if uses_item else nullcontext():
            with code.emitter.block("try:"):
                yield
            with code.emitter.block("except EvaluationError as error:"):
                arguments = ", ".join(map(name, (self._parts.name, field, written)))
                code.emitter.line(f"{name(_broken)}(error, s, {arguments})")

    def _line(self, name: str, line: ConditionLine) -> _Written:
        code = self._code
        outer, code.paths = code.paths, {}
        with code.function(name):
            code.condition(line.condition)
            code.emitter.line("return True")
        reads, code.paths = tuple(code.paths), outer
        operands = []
        for test in tests_of(line.condition):
            moves = any(operator.name in TRANSITIONS for operator in test.operators)
            operands.append((test.path, self._reader(test.path), code.earlier(test.path) if moves else "None"))
        return _Written(name, line.written, line, line.uses_item, tuple(dict.fromkeys(operands)), reads)

    def _where(self, name: str, where: Expression) -> _Written:
        with self._code.function(name):
            self._code.where(where)
            self._code.emitter.line("return True")
        operands = tuple((path, self._reader(path), "None") for path in where.paths if path.root != "tables")
        return _Written(name, "where", None, where.uses_item, operands, where.paths)

    def _reader(self, path: Path) -> str:
        """The name of the function that reads a path by itself."""
        name = self._readers.get(path)
        if name is None:
            name = self._readers[path] = f"read{len(self._readers)}"
            with self._code.function(name, "s"):
                self._code.emitter.line(f"return {self._code.read(path)}")
        return name


def _broken(error: EvaluationError, scope: Scope, rule: str, field: str, condition: str) -> NoReturn:
    raise Broken(Problem(error.code, error.message, rule, scope.index, field), condition) from None

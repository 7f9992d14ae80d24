"""The compiled conditions of a rule: what is asked of a message is compiled together when the file is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import NoReturn

import msgspec

from greenflash_kafka.expressions.emitter import compile_all
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.compiled_condition import CompiledCondition, Holds, moves
from greenflash_kafka.rules.condition_code import ConditionCode
from greenflash_kafka.rules.conditions import ConditionLine, Tests, required, tests_of
from greenflash_kafka.rules.rule_conditions import RuleParts


class Broken(Exception):
    """Whether a rule matches can't be told; `condition` is where, as an explanation names it."""

    def __init__(self, problem: Problem, condition: str) -> None:
        self.problem = problem
        self.condition = condition


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


def compile_rule(parts: RuleParts) -> RuleCode:
    """Compile a rule's conditions."""
    return _RuleWriter(parts).compiled()


class _RuleWriter:
    """Writes the functions of a rule."""

    def __init__(self, parts: RuleParts) -> None:
        self._parts = parts
        self._code = ConditionCode(parts.name, parts.names, parts.declared, parts.line)
        plain = [line for line in parts.lines if line.let is None]
        self._message = [line for line in plain if not (parts.each and line.uses_item)]
        self._items = [line for line in plain if parts.each and line.uses_item]
        # What `let` can make fail comes after what can't, as the language promises; then `where`.
        lets = [line for line in parts.lines if line.let is not None]
        self._last = [line for line in self._items if line.root == ""] + lets

    def compiled(self) -> RuleCode:
        """All of them, by one compilation."""
        self._of_message()
        if self._parts.each:
            self._of_item()
        if self._last or self._parts.wheres:
            self._rest()
        conditions = (
            *(self._condition(line) for line in self._parts.lines),
            *(CompiledCondition(self._parts, None, where, where.paths) for where in self._parts.wheres),
        )
        code = self._code
        functions = compile_all(code.functions, code.constants, file=self._parts.file)
        return RuleCode(
            functions["holds"],
            functions.get("item_equals", _always),
            functions.get("item_holds", _always),
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

    def _condition(self, line: ConditionLine) -> CompiledCondition:
        """A line by itself, with what it reads; what gives earlier values is written already."""
        code = self._code
        outer, code.paths = code.paths, {}
        for test in tests_of(line.condition):
            code.note(test.path.root, test.path.steps)
            if moves(test):
                code.earlier(test.path)
        reads, code.paths = tuple(code.paths), outer
        return CompiledCondition(self._parts, line, None, reads)


def _always(*_: object) -> bool:
    """The conditions on an item of a rule that has none."""
    return True


def _broken(error: EvaluationError, scope: Scope, rule: str, field: str, condition: str) -> NoReturn:
    raise Broken(Problem(error.code, error.message, rule, scope.index, field), condition) from None

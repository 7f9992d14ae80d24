"""One condition of a rule by itself, for explanations: compiled when it is asked for, as the whole rule is at load."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import msgspec

from greenflash_kafka.expressions.emitter import compile_all
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Value
from greenflash_kafka.model.outcome import Count
from greenflash_kafka.rules.condition_code import ConditionCode
from greenflash_kafka.rules.conditions import ConditionLine, make_line, tests_of
from greenflash_kafka.rules.rule_conditions import RuleParts
from greenflash_kafka.rules.when_conditions import Condition, Test
from greenflash_kafka.rules.when_operators.all_operators import TRANSITIONS

Holds = Callable[[Scope, list[Count]], bool]
"""Whether conditions hold; what can't be compared is counted into the list."""


class ConditionOperand(msgspec.Struct, frozen=True):
    """A path that a condition reads, as it is written, and how it is read: `read` gives what is found (None if it is
    missing). `earlier` gives the value before the change, or an `Earlier`, from the payload (or the item, as the
    path's root says); None for a condition that doesn't ask for it. `read` raises EvaluationError for a let in error.
    """

    path: Path
    read: Callable[[Scope], Value]
    earlier: Callable[[object], object] | None = None


class CompiledCondition(msgspec.Struct, frozen=True, eq=False, dict=True):
    """One line of `when` (`line`), or a `where` (then `line` is None), of the rule with these parts.

    `reads` are all paths that it reads, those of earlier values included (a let's name is the root of its own).
    """

    parts: RuleParts
    line: ConditionLine | None
    where: Expression | None
    reads: tuple[Path, ...]

    @property
    def written(self) -> str:
        """How an explanation names it."""
        return "where" if self.line is None else self.line.written

    @property
    def uses_item(self) -> bool:
        """Whether it can be tried on an item only."""
        condition = self.line or self.where
        return condition is not None and condition.uses_item

    @property
    def holds(self) -> Holds:
        """Whether it holds; raises EvaluationError for a `where` or a let in error."""
        return self._compiled[0]

    @property
    def operands(self) -> tuple[ConditionOperand, ...]:
        """What it looks at."""
        return self._compiled[1]

    @cached_property
    def _compiled(self) -> tuple[Holds, tuple[ConditionOperand, ...]]:
        parts = self.parts
        code = ConditionCode(parts.name, parts.names, parts.declared, parts.line)
        with code.function("holds"):
            if self.line is not None:
                code.condition(self.line.condition)
            elif self.where is not None:
                code.where(self.where)
            code.emitter.line("return True")
        operands: dict[tuple[Path, bool], tuple[str, str]] = {}
        for path, moving in self._looks_at():
            name = f"read{len(operands)}"
            with code.function(name, "s"):
                code.emitter.line(f"return {code.read(path)}")
            operands[path, moving] = name, code.earlier(path) if moving else ""
        functions = compile_all(code.functions, code.constants, file=parts.file)
        return functions["holds"], tuple(
            ConditionOperand(path, functions[read], functions.get(earlier))
            for (path, _), (read, earlier) in operands.items()
        )

    def _looks_at(self) -> dict[tuple[Path, bool], None]:
        """Its paths, each with whether it asks for the earlier value."""
        if self.line is not None:
            return dict.fromkeys((test.path, moves(test)) for test in tests_of(self.line.condition))
        return dict.fromkeys((path, False) for path in self.reads if path.root != "tables")


def moves(test: Test) -> bool:
    """Whether a test asks for the earlier value."""
    return any(operator.name in TRANSITIONS for operator in test.operators)


def compile_condition(parts: RuleParts, condition: Condition) -> CompiledCondition:
    """One condition (a branch of `any`, say) as the rule's own lines are compiled."""
    return CompiledCondition(parts, make_line(condition, parts.names), None, ())

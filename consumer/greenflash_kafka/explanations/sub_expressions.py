"""Sub-expressions of a rule's expressions, evaluated on a message: each is a slice of the expression's text, compiled
by the compiler that compiles the whole, with the same names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.compiler import Evaluate, ParsedExpression
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.scope import Let, Scope
from greenflash_kafka.expressions.values import Value


class Evaluated(msgspec.Struct, frozen=True):
    """The value of a sub-expression (None: missing), or its error. `known` is False for what has no value by itself."""

    value: object = None
    error: EvaluationError | None = None
    known: bool = True

    @property
    def missing(self) -> bool:
        """Whether it gives nothing, without an error."""
        return self.known and self.error is None and self.value is None

    @property
    def failed(self) -> bool:
        """Whether it gives no value: missing, or in error."""
        return self.missing or self.error is not None


class LoopVariable:
    """The present element of a list that a `for` goes through. `shown` says which: `payload.lines[1]`."""

    def __init__(self, word: str) -> None:
        self.value: Value = None
        self.shown = word
        stand_in = Expression(
            text="",
            load=lambda: lambda _scope: self.value,
            type="any",
            roots=frozenset(),
            lets=frozenset(),
            tables=frozenset(),
            functions=frozenset(),
            paths=(),
            uses_item=True,
            constant=False,
            currency=None,
            remarks=(),
        )
        self.let = Let(word, stand_in)


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """The text in which sub-expressions stand, with the names that are known there."""

    text: str
    names: Names
    variables: Mapping[str, LoopVariable] = field(default_factory=dict)
    compiled: dict[tuple[int, int], Evaluate | None] = field(default_factory=dict)

    @classmethod
    def of(cls, source: ParsedExpression) -> Context:
        """That of a whole expression."""
        return cls(source.text, source.names)

    def cut(self, node: tree.Node) -> str:
        """The text of a part, on one line."""
        return " ".join(self.text[node.start : node.end].split())

    def within(self, variable: LoopVariable) -> Context:
        """The same inside of a loop."""
        word = variable.let.name
        names = msgspec.structs.replace(self.names, lets={**self.names.lets, word: variable.let})
        return Context(self.text, names, {**self.variables, word: variable})


class SubExpressions:
    """Evaluates parts of expressions on one scope; each part has the whole budget, and lets are worked out once."""

    def __init__(self, scope: Scope) -> None:
        self._scope = msgspec.structs.replace(scope, lets={}, item_lets={}, spent=None)

    @property
    def scope(self) -> Scope:
        """The scope, with a fresh budget; loop variables are read anew."""
        self._scope.item_lets = {}
        self._scope.spent = None
        return self._scope

    def evaluate(self, node: tree.Expr, context: Context) -> Evaluated:
        """A part's value."""
        key = (node.start, node.end)
        if key not in context.compiled:
            context.compiled[key] = self._compile(node, context)
        evaluate = context.compiled[key]
        return Evaluated(known=False) if evaluate is None else self.run(evaluate)

    def run(self, evaluate: Evaluate) -> Evaluated:
        """The value of what is compiled already."""
        try:
            return Evaluated(evaluate(self.scope))
        except EvaluationError as error:
            return Evaluated(error=error)

    def _compile(self, node: tree.Expr, context: Context) -> Evaluate | None:
        try:
            return compile_expression(context.text[node.start : node.end], context.names).evaluate
        except ExpressionRefused:
            # A table, say, has no value by itself.
            return None

    @contextmanager
    def element(self, variable: LoopVariable, value: object, shown: str) -> Iterator[None]:
        """Let a loop variable be one element."""
        outer = variable.value, variable.shown
        variable.value, variable.shown = value, shown  # type: ignore[assignment]
        yield
        variable.value, variable.shown = outer

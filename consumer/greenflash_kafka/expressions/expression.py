"""Expressions: from text to compiled code, with everything that can be known about it before any message."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial

import msgspec

from greenflash_kafka.expressions.compiler import Evaluate, ExpressionCompiler, ParsedExpression
from greenflash_kafka.expressions.emitter import load
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.names import Names, Path
from greenflash_kafka.expressions.parser import parse
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused, Refusal, Remark
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Type


class Expression(msgspec.Struct, frozen=True, dict=True):
    """An accepted expression.

    `type`: the result's type as far as it is known (a result may always be missing instead).
    `roots`: which of `names.ROOTS` it reads itself; `lets`, `tables`, `functions`: which it names itself.
    `paths`: every path whose steps are all written out, through whatever root; for a dynamic step, the part before.
    `uses_item`: reads `item` or `index`, itself or through lets.
    `constant`: no message can change it (a literal time may be too late for a record, so it isn't constant).
    `currency`: what `type` money is in, if that is a literal ("EUR").
    `remarks`: what lint should speak of.
    `load` compiles it. `source`: None for what isn't written as one expression (a list or a map of the file).
    """

    text: str
    load: Callable[[], Evaluate]
    type: Type
    roots: frozenset[str]
    lets: frozenset[str]
    tables: frozenset[str]
    functions: frozenset[str]
    paths: tuple[Path, ...]
    uses_item: bool
    constant: bool
    currency: str | None
    remarks: tuple[Remark, ...]
    source: ParsedExpression | None = None

    @cached_property
    def evaluate(self) -> Evaluate:
        """The compiled function, which gives the value for a scope (None is missing) or raises EvaluationError, nothing
        else. It is compiled when it is asked for, which whoever runs it does when a file is loaded: most expressions
        become a part of their rule's code and never need it."""
        return self.load()


def compile_expression(text: str, names: Names, file: str = "", line: int = 0) -> Expression:
    """Compile an expression, without its leading `=`; `file` and `line` say where it stands, for tracebacks. Raises
    ExpressionRefused with everything that is wrong."""
    compiler = ExpressionCompiler(text, names, line)
    read = parse(text)
    result = compiler.compile(read)
    if compiler.refusals:
        raise ExpressionRefused(tuple(sorted(set(compiler.refusals), key=lambda refusal: (refusal.start, refusal.end))))
    source = ParsedExpression(text, read, names, line)
    compiled = partial(_load, source, file)
    literal = not compiler.roots - {"tables"} and not compiler.lets and "hash" not in compiler.called
    if literal:
        _try_out(compiled(), text)
    return Expression(
        text=text,
        load=compiled,
        type=result.type,
        roots=frozenset(compiler.roots),
        lets=frozenset(compiler.lets),
        tables=frozenset(compiler.tables),
        functions=frozenset(compiler.called),
        paths=tuple(compiler.paths),
        uses_item=bool(compiler.roots & {"item", "index"}) or any(names.lets[let].per_item for let in compiler.lets),
        constant=literal and all(FUNCTIONS[name].foldable for name in compiler.called),
        currency=result.currency,
        remarks=tuple(dict.fromkeys(compiler.remarks)),
        source=source,
    )


def _load(source: ParsedExpression, file: str) -> Evaluate:
    """Write it once more, and compile it: what is written isn't kept meanwhile."""
    compiler = ExpressionCompiler(source.text, source.names, source.line)
    compiler.compile(source.tree)
    return load(compiler.functions, compiler.constants, file=file)


def _try_out(evaluate: Evaluate, text: str) -> None:
    """What is all literal either works now or never."""
    try:
        evaluate(Scope(None))
    except EvaluationError as error:
        raise ExpressionRefused((Refusal(error.code, error.message, None, 0, len(text)),)) from None

"""Shared state of writing an expression's code: findings, constants, names, and function calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.emitter import Constants, Emitter
from greenflash_kafka.expressions.names import Names, Path
from greenflash_kafka.expressions.operand import LEFT_OUT, Operand
from greenflash_kafka.expressions.refusals import EvaluationError, Refusal, Remark
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Type, type_of

NOTHING: Final = Operand("None", "any")
"""What stands for a part that was refused, so that the rest is still looked through."""


class CodeWriter(ABC):
    """The state of compiling one expression. `s` is the scope's name in the code that is written."""

    def __init__(self, text: str, names: Names, line: int = 0) -> None:
        self.text = text
        self.names = names
        self.constants = Constants()
        self.functions: list[Emitter] = []
        self.emitter = Emitter("evaluate", "s", line)
        self.variables: dict[str, str] = {}
        self.refusals: list[Refusal] = []
        self.remarks: list[Remark] = []
        # With some key, so that hash() of a literal can be tried.
        self.scope = Scope(None, hash_key=b"")
        self.roots: set[str] = set()
        self.lets: set[str] = set()
        self.tables: set[str] = set()
        self.called: set[str] = set()
        self.paths: dict[Path, None] = {}
        self.looked_up: dict[tuple[str, tuple[str | int, ...]], str] = {}
        self._shared: dict[tuple[str, tuple[str | int, ...]], str] = {}
        self._sharing: Emitter | None = None
        self._dead = 0
        self._counted = 0

    @abstractmethod
    def operand(self, node: tree.Expr) -> Operand:
        """Write one part."""

    def refuse(self, code: str, message: str, hint: str | None, node: tree.Node) -> Operand:
        """Note what is wrong, and go on."""
        self.refusals.append(Refusal(code, message, hint, node.start, node.end))
        return NOTHING

    def remark(self, code: str, message: str, hint: str | None, node: tree.Node) -> None:
        """Note what lint should speak of."""
        self.remarks.append(Remark(code, message, hint, node.start, node.end))

    def one_currency(self, one: Operand, other: Operand, node: tree.Node) -> None:
        """Speak up where what is taken in one case is in another currency than in the other."""
        if one.currency and other.currency and one.currency != other.currency:
            said = f"this is {one.currency} in one case and {other.currency} in the other"
            self.remark("mixed-currencies", said, "put the currency into properties.currency by the same if", node)

    def constant(self, value: Any, kind: Type | None = None) -> Operand:
        """A value that no message can change."""
        return Operand(self.constants.name(value), kind or type_of(value), known=True, value=value)

    def temporary(self) -> str:
        """A new local name."""
        self._counted += 1
        return f"v{self._counted}"

    def apply(
        self,
        node: tree.Node,
        run: Callable[..., Any],
        operands: list[Operand],
        kind: Type,
        *,
        code: str | None = None,
        scoped: bool = False,
        takes_missing: bool = False,
        live: bool = False,
    ) -> Operand:
        """A call of one of our functions: now, when all is literal, else written down with its checks for missing.

        `live`: its result depends on the message even so; it is called now only to see whether it can work at all.
        """
        if not takes_missing and any(operand.constant and operand.value is None for operand in operands):
            return self.constant(None)
        known = all(operand.known for operand in operands)
        value: Any = None
        if known:
            values = [operand.value for operand in operands]
            if takes_missing or None not in values:
                values = [None if value is LEFT_OUT else value for value in values]
                try:
                    value = run(self.scope, *values) if scoped else run(*values)
                except EvaluationError as error:
                    if not self._dead:
                        self.refuse(error.code, error.message, None, node)
                    return NOTHING
            if not live and not any(operand.live for operand in operands):
                return self.constant(value)
        name = self.temporary()
        called = f"{code or self.constants.name(run)}({', '.join(['s'] * scoped + [o.code for o in operands])})"
        missing = [] if takes_missing else [f"{operand.code} is None" for operand in operands if operand.may_miss]
        self.emitter.line(f"{name} = " + (f"None if {' or '.join(missing)} else {called}" if missing else called))
        return Operand(name, type_of(value) if known else kind, known=known, value=value, live=known)

    @contextmanager
    def dead(self) -> Iterator[None]:
        """Look through a part that is never reached: its names must be right all the same, its values need not."""
        emitter, self.emitter = self.emitter, Emitter("dead", "")
        self._dead += 1
        yield
        self._dead -= 1
        self.emitter = emitter

"""The definition of a function: typed parameters, one line of documentation, an example that runs as a test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.values import NAMES, Type, type_of


class BadLiteral(ValueError):
    """A literal argument that can't mean anything; refuses the expression with code `bad-literal`."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Parameter(msgspec.Struct, frozen=True):
    """One parameter. `types` are those it takes; empty: any.

    `literal`: must be written out. `prepare` turns a literal into what the function takes, at load (BadLiteral when
    it can't); the function takes the bare value too, unless it is `literal`. `many`: takes all further arguments.
    """

    name: str
    types: tuple[Type, ...] = ()
    optional: bool = False
    many: bool = False
    literal: bool = False
    prepare: Callable[[str], Any] | None = None

    @property
    def takes(self) -> frozenset[Type]:
        """Types that an argument may have, as far as it is known: money is a text, unknown may be anything."""
        accepted: set[Type] = set(self.types or get_args(Type))
        if "text" in accepted:
            accepted.add("money")
        return frozenset(accepted | {"missing", "any"})


class Function(msgspec.Struct, frozen=True):
    """A function of the language.

    `run` is called with the arguments, only when none of them is missing (unless `takes_missing`), after the scope
    if `scoped`. `foldable` false: its result depends on the message, so it is never worked out at load.
    `run_text` gives the result's text alone, for less, where `run` gives money.
    `example` and `gives` (as the language writes values) are shown in the docs and run as a test.
    """

    name: str
    group: str
    parameters: tuple[Parameter, ...]
    returns: Type
    doc: str
    example: str
    gives: str
    run: Callable[..., Any]
    scoped: bool = False
    takes_missing: bool = False
    foldable: bool = True
    run_text: Callable[..., str] | None = None

    @property
    def signature(self) -> str:
        """`substring(x, start, length?)`, as the docs and messages show it."""
        shown = []
        for parameter in self.parameters:
            if parameter.many:
                shown.append(f"{parameter.name}, ...")
            else:
                shown.append(parameter.name + ("?" if parameter.optional else ""))
        return f"{self.name}({', '.join(shown)})"


def mismatch(function: str, wanted: str, value: object, advice: str = "") -> EvaluationError:
    """The error for an argument of another type: "upper takes text, not a number"."""
    hint = f"; {advice}" if advice else ""
    return EvaluationError("type-mismatch", f"{function} takes {wanted}, not {NAMES[type_of(value)]}{hint}")


def text_of(function: str, value: object) -> str:
    """The argument, if it is text (money too, as plain text). Raises EvaluationError `type-mismatch`."""
    if value.__class__ is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    advice = "text(x) makes one of a number" if type_of(value) in ("number", "boolean", "time") else ""
    raise mismatch(function, "text", value, advice)


def whole_of(function: str, name: str, value: object, least: int) -> int:
    """The argument, if it is a whole number, `least` or above. Raises `type-mismatch`, or `bad-number`."""
    if value.__class__ is int:
        whole: int = value
    elif type_of(value) != "number":
        raise mismatch(function, f"a number as {name}", value)
    else:
        try:
            whole = int(value)  # type: ignore[call-overload]
        except (ValueError, OverflowError):
            whole = least - 1
        if whole != value:
            raise EvaluationError("bad-number", f"{function} takes a whole number as {name}")
    if whole < least:
        raise EvaluationError("bad-number", f"{function} takes {least} or more as {name}")
    return whole

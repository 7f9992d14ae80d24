"""Types of functions' arguments and results, as annotations name them, with the checks of what messages bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from greenflash_kafka.expressions.arithmetic import number_of
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.values import NAMES, Money, Type, type_of


class BadLiteral(ValueError):
    """A literal argument that can't mean anything; refuses the expression with code `bad-literal`."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class ArgumentType(msgspec.Struct, frozen=True, eq=False):
    """The type of an argument or a result; it stands in `Annotated`.

    `types`: those it takes; empty: any. `words`: what the reference says instead of them.
    `check`: called with the function's name and a value whose class isn't `ready`; it returns what the function gets,
    or raises EvaluationError. Without one the function gets the value as it is.
    `literal`: must be written out. `prepare` turns a literal text into what the function takes, when rules are loaded
    (BadLiteral if it can't). `review` returns code, message and hint of a finding about a literal text, or None.
    `currency`: a literal text is the currency of the result.
    """

    types: tuple[Type, ...] = ()
    check: Callable[[str, Any], Any] | None = None
    ready: type | None = None
    words: str = ""
    literal: bool = False
    prepare: Callable[[str], Any] | None = None
    review: Callable[[str], tuple[str, str, str | None] | None] | None = None
    currency: bool = False


def mismatch(function: str, wanted: str, value: object, advice: str = "") -> EvaluationError:
    """The error for an argument of another type: "upper takes text, not a number"."""
    hint = f"; {advice}" if advice else ""
    return EvaluationError("type-mismatch", f"{function} takes {wanted}, not {NAMES[type_of(value)]}{hint}")


def text_of(function: str, value: object, list_advice: str = "") -> str:
    """The argument, if it is text (money too, as plain text). Raises EvaluationError `type-mismatch`."""
    if value.__class__ is str:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    kind = type_of(value)
    advice = "text(x) converts it" if kind in ("number", "boolean", "time") else ""
    raise mismatch(function, "text", value, list_advice if kind == "list" else advice)


def list_of(function: str, value: object, advice: str = "", text_advice: str | None = None) -> list[Any]:
    """The argument, if it is a list. Raises EvaluationError `type-mismatch`."""
    if value.__class__ is list:
        return value
    raise mismatch(
        function, "a list", value, advice if text_advice is None or not isinstance(value, str) else text_advice
    )


def boolean_of(function: str, value: object) -> bool:
    """The argument, if it is true or false. Raises EvaluationError `type-mismatch`."""
    if isinstance(value, bool):
        return value
    raise mismatch(function, "true or false", value)


def time_of(function: str, value: object) -> datetime:
    """The argument, if it is a time. Raises EvaluationError `type-mismatch`."""
    if isinstance(value, datetime):
        return value
    raise mismatch(function, "times", value, "make one with time(x)")


def whole_number(name: str, least: int, words: str = "") -> ArgumentType:
    """A whole number, `least` or above. Its check raises EvaluationError `type-mismatch` or `bad-number`."""

    def whole_of(function: str, value: Any) -> int:
        if value.__class__ is int:
            whole: int = value
        elif type_of(value) != "number":
            raise mismatch(function, f"a number as {name}", value)
        else:
            try:
                whole = int(value)
            except (ValueError, OverflowError):
                whole = least - 1
            if whole != value:
                raise EvaluationError("bad-number", f"{function} takes a whole number as {name}")
        if whole < least:
            raise EvaluationError("bad-number", f"{function} takes {least} or more as {name}")
        return whole

    return ArgumentType(("number",), whole_of, words=words or f"a whole number, {least} or more")


def one_of(*types: Type) -> ArgumentType:
    """Any of some types, which the function tells apart itself."""
    return ArgumentType(types)


_PLAIN: Final = one_of("text", "number", "boolean", "time")

Anything: TypeAlias = Annotated[Any, ArgumentType()]
Text: TypeAlias = Annotated[str, ArgumentType(("text",), text_of, str)]
Number: TypeAlias = Annotated[int | Decimal, ArgumentType(("number",), number_of, int)]
Boolean: TypeAlias = Annotated[bool, ArgumentType(("boolean",), boolean_of, bool)]
Time: TypeAlias = Annotated[datetime, ArgumentType(("time",), time_of, datetime)]
List: TypeAlias = Annotated[list[Any], ArgumentType(("list",), list_of, list)]
Object: TypeAlias = Annotated[dict[str, Any], ArgumentType(("object",))]
Amount: TypeAlias = Annotated[Money, ArgumentType(("money",))]
Plain: TypeAlias = Annotated[Any, _PLAIN]
"""Whatever has a text of its own; the function makes it with `plain_text`."""

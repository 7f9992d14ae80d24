"""Compile-time facts about a part of an expression whose code is written."""

from __future__ import annotations

from typing import Final

import msgspec

from greenflash_kafka.expressions.iso_times import iso_time
from greenflash_kafka.expressions.values import Type


class _LeftOut:
    """Stands for an optional argument that wasn't given; it is not missing, the function's default takes its place."""


LEFT_OUT: Final = _LeftOut()


class Operand(msgspec.Struct, gc=False):
    """Where generated code finds a value, and what is known of it.

    `code` is a name in the generated code. `known`: all of it is literal, and `value` is what it gives; `live`: it is
    worked out on each message all the same, because what is right depends on the message (a time's range).
    `currency` is what money is in, if that is literal.
    """

    code: str
    type: Type = "any"
    known: bool = False
    value: object = None
    live: bool = False
    currency: str | None = None

    @property
    def constant(self) -> bool:
        """Whether no message can change it."""
        return self.known and not self.live

    @property
    def may_miss(self) -> bool:
        """Whether generated code has to check for None."""
        return not self.known or self.value is None


def common_type(one: Type, other: Type) -> Type:
    """The type of what is either of two."""
    if one == other or other == "missing":
        return one
    return other if one == "missing" else "any"


def same_family(one: Type, other: Type) -> bool:
    """Whether two values can be compared at all, as far as their types are known."""
    families = {"text" if kind == "money" else kind for kind in (one, other)}
    return len(families) == 1 or not families.isdisjoint({"any", "missing"})


def ordered(one: Operand, other: Operand) -> bool:
    """Whether one of two values can be less than the other, as far as they are known; a time by a literal that says
    one."""
    if same_family(one.type, other.type):
        return True
    text = other if one.type == "time" else one
    return "time" in (one.type, other.type) and text.known and iso_time(str(text.value)) is not None

"""The text that `regex_replace` puts in place of what it finds, with the groups of the regular expression."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, TypeAlias

from greenflash_kafka.expressions.functions.argument_types import ArgumentType, BadLiteral

_GROUP: Final = re.compile(r"\\(.?)", re.DOTALL)


class Replacement:
    """What stands instead of each match: texts, and groups by their numbers. `dollars`: groups as spreadsheets write
    them."""

    __slots__ = ("dollars", "groups", "parts", "text")

    def __init__(self, written: str) -> None:
        """Raises BadLiteral for a backslash that is followed by something else than a digit or a backslash."""
        self.parts: list[bytes | int] = []
        place = 0
        for each in _GROUP.finditer(written):
            if not (each[1].isascii() and each[1].isdigit()) and each[1] != "\\":
                raise BadLiteral("a backslash stands before the number of a group here", r"\1, or \\ for a backslash")
            self.parts += [written[place : each.start()].encode(), b"\\" if each[1] == "\\" else int(each[1])]
            place = each.end()
        self.parts = [part for part in (*self.parts, written[place:].encode()) if part != b""]
        self.groups = max((part for part in self.parts if isinstance(part, int)), default=0)
        self.dollars = [int(number) for number in re.findall(r"\$\{?([1-9])\b", written)]
        self.text = sum(len(part) for part in self.parts if isinstance(part, bytes))

    def of(self, match: Any) -> bytes:
        """What one match is replaced by; a group that took no part is empty."""
        return b"".join((match.group(part) or b"") if isinstance(part, int) else part for part in self.parts)


def has_groups(pattern: Any, replacement: Replacement) -> None:
    """Raise BadLiteral if the replacement names a group that the pattern hasn't."""
    if replacement.groups > pattern.groups:
        has = "no group" if not pattern.groups else f"{pattern.groups} group" + "s" * (pattern.groups > 1)
        said = f"\\{replacement.groups} is a group, and the regular expression has {has}"
        raise BadLiteral(said, "a group is what stands in parentheses; \\0 is all that was found")
    if any(number <= pattern.groups for number in replacement.dollars):
        number = next(number for number in replacement.dollars if number <= pattern.groups)
        raise BadLiteral("a group is written with a backslash here", f"\\{number}")


NewText: TypeAlias = Annotated[
    Any,
    ArgumentType(("text",), words=r"a text; \1 is the first group", literal=True, prepare=Replacement),
]

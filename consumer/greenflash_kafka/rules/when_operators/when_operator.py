"""The definition of an operator of `when`: what it takes, and whether it holds on a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

Literal = str | int | bool | Decimal | None
"""A value that is written in a condition."""

Holds = Callable[[object], bool]
"""Whether an operator holds on a value that isn't missing. Raises Unlike."""


class Unlike(Exception):
    """The operator can't compare a value of this type: the line is false, and counted."""


class WhenOperator(msgspec.Struct, frozen=True):
    """One operator, by its `name` in mapping files. `help` says when it holds.

    `takes` says in words which literals it takes, `accepts` whether this is one, and `schema` the same as JSON schema;
    with `many` it takes a list of such literals, too. `check` compiles a literal that is a regular expression
    (BadLiteral if it can't be used).
    `prepare` makes of the literal (with `many` of a tuple of them), at load, what is called for each value; None: the
    compiler of conditions writes the operator itself.
    """

    name: str
    help: str
    schema: Mapping[str, object]
    takes: str = ""
    accepts: Callable[[Literal], bool] = lambda _: True
    many: bool = False
    check: Callable[[str], object] | None = None
    prepare: Callable[[Any], Holds] | None = None
    words: str = ""
    """What it says of a value, for people who don't read YAML; `{}` stands for the literal."""
    asks: str = ""
    """What it asks for, beside a value that isn't it; `{}` as in `words`. Empty: a value that is as `words` say."""

    @property
    def json_schema(self) -> dict[str, object]:
        """What may stand behind its name, as JSON schema."""
        lists = {"oneOf": [self.schema, {"type": "array", "items": self.schema}]}
        return {"description": self.help, **(lists if self.many else self.schema)}


def is_text(given: Literal) -> bool:
    """Whether a literal is a text."""
    return isinstance(given, str)


def as_text(value: object) -> str:
    """The value, if it is a text. Raises Unlike."""
    if not isinstance(value, str):
        raise Unlike
    return value

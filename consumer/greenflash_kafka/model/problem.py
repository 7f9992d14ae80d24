"""The closed list of problem codes of a message."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

Code = Literal[
    "missing",
    "type-mismatch",
    "division-by-zero",
    "bad-money",
    "bad-time",
    "bad-number",
    "bad-json",
    "bad-payload",
    "bad-schema",
    "unknown-schema",
    "bad-envelope",
    "limit",
    "not-a-list",
    "no-insert-id",
    "insert-id-repeated",
    "not-allowed",
]

CODES: Final[tuple[Code, ...]] = get_args(Code)
"""Every code, in the order of the rule language's page; the same in `try`, cases, dead letters and metrics."""

UNREADABLE: Final[tuple[Code, ...]] = ("bad-payload", "bad-schema", "unknown-schema", "bad-envelope")
"""Those of a message that no rule could be tried on."""


class Problem(msgspec.Struct, frozen=True, gc=False):
    """The reason why an event, or a whole message, is invalid.

    `rule` is None when the message itself is at fault (its bytes, say); `item` is the index in `each`,
    None without it; `field` is the event field in the rules' spelling (`value`, `properties.plan`), or
    `where`, `each`, `let.<name>`. `message` holds no value of the message; `shown` is the refused one, cut, for
    people who have the message before them (`try`, cases): never in a log or a dead letter's headers.
    """

    code: Code
    message: str
    rule: str | None = None
    item: int | None = None
    field: str | None = None
    shown: str = ""

    @property
    def full_text(self) -> str:
        """The message, and the refused value where there is one."""
        return f"{self.shown} {self.message}" if self.shown else self.message

    def describe(self, *, values: bool = False) -> str:
        """One line for people: where, then what; with the refused value only if asked for."""
        where = [part for part in (self.rule, None if self.item is None else f"item {self.item}", self.field) if part]
        return f"{' / '.join(where) or 'message'}: {self.code}: {self.full_text if values else self.message}"

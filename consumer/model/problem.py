"""What can be wrong with a message, as one closed list of codes."""

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
    "limit",
    "not-a-list",
    "no-insert-id",
    "insert-id-repeated",
    "not-allowed",
]

CODES: Final[tuple[Code, ...]] = get_args(Code)
"""Every code, in the order of the rule language's page; the same in `try`, cases, dead letters and metrics."""


class Problem(msgspec.Struct, frozen=True):
    """Why an event, or a whole message, is invalid.

    `rule` is None when the message itself is at fault (its bytes, say); `item` is the index in `each`,
    None without it; `field` is the event field in the rules' spelling (`value`, `properties.plan`), or
    `where`, `each`, `let.<name>`.
    """

    code: Code
    message: str
    rule: str | None = None
    item: int | None = None
    field: str | None = None

    def describe(self) -> str:
        """One line for people: where, then what."""
        where = [part for part in (self.rule, None if self.item is None else f"item {self.item}", self.field) if part]
        return f"{' / '.join(where) or 'message'}: {self.code}: {self.message}"

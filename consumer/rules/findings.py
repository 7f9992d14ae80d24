"""What lint says about a mapping file: a place, a code of a closed table, a message, and how to mend it."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning"]


class Finding(msgspec.Struct, frozen=True, order=True):
    """One remark about one place. `line` and `column` count from 1; `hint` is "" where there is none to give.

    With a finding of severity error nothing is loaded; a warning lets the file through.
    """

    file: str
    line: int
    column: int
    code: str
    severity: Severity
    message: str
    hint: str = ""

    def describe(self) -> str:
        """`file:line:column: severity code: message (hint)`, one line for people and editors."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code}: {self.message}{hint}"

"""A finding of lint about a mapping file: place, code of the closed table, message, and hint."""

from __future__ import annotations

import msgspec

from greenflash_kafka.documents.codes import CODES, Severity
from greenflash_kafka.documents.yaml_nodes import Place


class Finding(msgspec.Struct, frozen=True, order=True):
    """One remark about one stretch of a file, or about a variable or a flag (line 0); `hint` is "" where there is none
    to give.

    Lines and columns count from 1. `end_line` and `end_column` are those of the character after the last one; they
    are `line` and `column` where something is missing.

    With a finding of severity error nothing is loaded; a warning and advice let the file through.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str
    severity: Severity
    message: str
    hint: str = ""

    @property
    def where(self) -> str:
        """`file:line:column`, or only the name of what has no lines."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def describe(self) -> str:
        """`file:line:column: severity code: message (hint)`, one line for people and editors."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.where}: {self.severity} {self.code}: {self.message}{hint}"


class FileReport:
    """Collects the findings of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[Finding, None] = {}

    def add(self, place: Place, code: str, message: str, hint: str = "", file: str = "") -> None:
        """Note a finding; `code` is one of `codes.CODES`, which gives the severity; `file` another than the report's
        own, which belongs to it.

        The same finding twice (a default that every rule takes over) is one.
        """
        self._found[Finding(file or self.file, *place, code, CODES[code].severity, message, hint)] = None

    def has(self, place: Place, code: str, beginning: str = "") -> bool:
        """Whether there is a finding of this code at the place, with a message that begins so."""
        at = (self.file, *place, code)
        return any(_key(each) == at and each.message.startswith(beginning) for each in self._found)

    def replace_hint(self, place: Place, code: str, hint: str) -> None:
        """Give the finding of this code at the place another hint, where more is known by now."""
        at = (self.file, *place, code)
        replaced = [msgspec.structs.replace(each, hint=hint) if _key(each) == at else each for each in self._found]
        self._found = dict.fromkeys(replaced)

    def copy(self) -> FileReport:
        """Another report with the same findings."""
        other = FileReport(self.file)
        other._found = dict(self._found)
        return other

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything found, in the order of the file."""
        return tuple(sorted(self._found))

    @property
    def failed(self) -> bool:
        """Whether any finding is an error."""
        return any(finding.severity == "error" for finding in self._found)


def _key(finding: Finding) -> tuple[str, int, int, int, int, str]:
    place = (finding.line, finding.column, finding.end_line, finding.end_column)
    return (finding.file, *place, finding.code)

"""Output of findings: text for people, JSON for programs, annotations for GitHub."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from greenflash_kafka.cli.style import mark
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.documents.findings import Finding


def as_text(findings: Sequence[Finding], tree: FileTree = DISK) -> str:
    """Every finding with its source line, its stretch of it underlined, then one line of counts."""
    lines = {file: _read(file, tree) for file in {each.file for each in findings}}
    blocks = [_block(each, lines[each.file]) for each in findings]
    return "\n".join([*blocks, counts(findings)])


def as_json(findings: Iterable[Finding]) -> str:
    """A list of objects: file line column end_line end_column code severity message hint."""
    return json.dumps([as_object(each) for each in findings], indent=2, ensure_ascii=False)


_GITHUB: Final = {"error": "error", "warning": "warning", "advice": "notice"}


def as_github(findings: Iterable[Finding]) -> str:
    """Workflow commands, which GitHub Actions turns into annotations on the changed lines."""
    return "\n".join(_annotation(each) for each in findings)


def _annotation(finding: Finding) -> str:
    place = f"line={finding.line},endLine={finding.end_line}"
    if finding.line == finding.end_line:  # GitHub takes no columns of several lines
        place = f"line={finding.line},col={finding.column},endLine={finding.end_line},endColumn={finding.end_column}"
    said = finding.message + (f" ({finding.hint})" if finding.hint else "")
    command, file = _GITHUB[finding.severity], _property(finding.file)
    return f"::{command} file={file},{place},title={_property(finding.code)}::{_data(said)}"


FORMATS: Final[dict[str, Callable[[Sequence[Finding]], str]]] = {
    "text": as_text,
    "json": as_json,
    "github": as_github,
}


def counts(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning, 1 piece of advice.`"""
    severities: list[str] = [each.severity for each in findings]
    if not severities:
        return "No findings."
    parts = [
        f"{number} {one if number == 1 else many}"
        for severity, one, many in (
            ("error", "error", "errors"),
            ("warning", "warning", "warnings"),
            ("advice", "piece of advice", "pieces of advice"),
        )
        if (number := severities.count(severity))
    ]
    return f"{', '.join(parts)}."


def _block(finding: Finding, lines: Sequence[str]) -> str:
    where, said = finding.where, f"{finding.code}: {finding.message}"
    block = f"{where}: {mark(finding.severity, finding.severity)} {said}"
    if 0 < finding.line <= len(lines):
        # Tabs and control characters would move what is underlined, or the terminal's cursor.
        shown = "".join(" " if not char.isprintable() else char for char in lines[finding.line - 1])
        number = str(finding.line)
        # Of several lines the first is shown; of a place without extent the character there.
        end = finding.end_column - 1 if finding.end_line == finding.line else len(shown.rstrip())
        underline = "^" * max(1, end - finding.column + 1)
        block += f"\n  {number} | {shown}\n  {' ' * len(number)} | {' ' * (finding.column - 1)}{underline}"
    if finding.hint:
        block += f"\n  hint: {finding.hint}"
    return block + "\n"


def _read(file: str, tree: FileTree) -> list[str]:
    try:
        return tree.read(Path(file)).decode(errors="replace").splitlines()
    except OSError:
        return []


def as_object(finding: Finding) -> dict[str, object]:
    """A finding as programs read it."""
    names = ("file", "line", "column", "end_line", "end_column", "code", "severity", "message", "hint")
    return {name: getattr(finding, name) for name in names}


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

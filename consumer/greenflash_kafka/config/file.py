"""The config file as plain values, with the line of every key, so that each error can name it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar

KeyPath = tuple[str, ...]
"""Where a key stands: ("kafka", "group")."""


class ConfigFinding(msgspec.Struct, frozen=True):
    """One thing wrong with the configuration: `where` is `file:line`, a variable or a flag; never holds a value."""

    where: str
    code: str
    message: str
    hint: str | None = None

    def describe(self) -> str:
        """One line for people, and the hint on a second."""
        line = f"{self.where}: {self.code}: {self.message}"
        return f"{line}\n  hint: {self.hint}" if self.hint else line


class ConfigFile(msgspec.Struct):
    """What a file holds: its values, the line of every key, and what is wrong with it as YAML."""

    values: dict[str, object]
    lines: dict[KeyPath, int]
    findings: list[ConfigFinding]


def read(path: Path) -> ConfigFile:
    """Read a config file (YAML's core schema, as in mapping files); what is wrong is in `findings`, never raised."""
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return ConfigFile({}, {}, [ConfigFinding(str(path), "unreadable", f"the file can't be read: {reason}")])
    report = FileReport(str(path))
    node = parse(content, report)
    findings = [
        ConfigFinding(f"{each.file}:{each.line}", each.code, each.message, each.hint or None)
        for each in report.findings
    ]
    lines: dict[KeyPath, int] = {}
    values: dict[str, object] = {}
    if isinstance(node, Map):
        values = _mapping(node, (), lines)
    elif node is not None and not (isinstance(node, Scalar) and node.value is None):
        hint = "begin with a section, such as `kafka:`"
        findings.append(ConfigFinding(f"{path}:{node.line}", "not-a-map", "a config file is a map of sections", hint))
    return ConfigFile(values, lines, findings)


def _mapping(node: Map, path: KeyPath, lines: dict[KeyPath, int]) -> dict[str, object]:
    values: dict[str, object] = {}
    for entry in node.entries:
        here = (*path, entry.key.text)
        lines[here] = entry.key.line
        values[entry.key.text] = _value(entry.value, here, lines)
    return values


def _value(node: Node, path: KeyPath, lines: dict[KeyPath, int]) -> object:
    if isinstance(node, Map):
        return _mapping(node, path, lines)
    if isinstance(node, List):
        return [_value(each, path, lines) for each in node.items]
    if isinstance(node, Scalar):
        return float(node.value) if isinstance(node.value, Decimal) else node.value
    return None

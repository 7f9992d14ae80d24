"""The config file: YAML's core schema, with the place of every key, so that each error can name its line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

KeyPath = tuple[str, ...]
"""Where a key stands: ("kafka", "group")."""

_LARGEST: Final = 1_000_000
_DEEPEST: Final = 10
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+")


class Finding(msgspec.Struct, frozen=True):
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

    path: Path
    values: dict[str, object] = {}
    lines: dict[KeyPath, int] = {}
    findings: list[Finding] = []

    def where(self, path: KeyPath) -> str:
        """`file:line` of a key, or of the nearest section around it that is written."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.path}:{self.lines.get(path, 1)}"

    def _refuse(self, line: int, code: str, message: str, hint: str | None = None) -> None:
        self.findings.append(Finding(f"{self.path}:{line}", code, message, hint))


def read(path: Path) -> ConfigFile:
    """Read a config file; what is wrong with it is in `findings`, never raised."""
    file = ConfigFile(path, {}, {}, [])
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        file.findings.append(Finding(str(path), "unreadable", f"the file can't be read: {reason}"))
        return file
    if len(text) > _LARGEST:
        file.findings.append(Finding(str(path), "too-large", "a config file has at most 1 MB"))
        return file
    node = _compose(text, file)
    if isinstance(node, MappingNode):
        file.values = _mapping(node, (), file)
    elif node is not None:
        file._refuse(1, "not-a-map", "the file must be a map of sections", "kafka:\n    bootstrap_servers: ...")
    return file


def _compose(text: str, file: ConfigFile) -> Node | None:
    # compose() makes nodes only: no tag of the file is ever turned into an object.
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
        return node
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        file._refuse(mark.line + 1 if mark else 1, "yaml", str(error.problem or "is not YAML"))
    except (YAMLError, RecursionError):
        file._refuse(1, "yaml", "is not YAML that can be read")
    return None


def _mapping(node: MappingNode, path: KeyPath, file: ConfigFile) -> dict[str, object]:
    values: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
        here = (*path, key)
        if not key or len(here) > _DEEPEST:
            file._refuse(line, "bad-key", "keys are plain text, at most ten levels deep")
            continue
        if key in values:
            file._refuse(line, "duplicate-key", f"{key!r} stands here twice", f"first on line {file.lines[here]}")
            continue
        file.lines[here] = line
        values[key] = _value(value_node, here, file)
    return values


def _value(node: Node, path: KeyPath, file: ConfigFile) -> object:
    if node.anchor:
        # An alias is the same node again; without anchors there are none.
        file._refuse(node.start_mark.line + 1, "alias", "anchors (&) and aliases (*) are not used here; write it out")
        return None
    if isinstance(node, MappingNode):
        return _mapping(node, path, file)
    if isinstance(node, SequenceNode):
        return [_value(each, path, file) for each in node.value]
    return _scalar(str(node.value), plain=isinstance(node, ScalarNode) and not node.style)


def _scalar(text: str, *, plain: bool) -> object:
    """YAML's core schema and nothing else: `no` is a text, `010` too."""
    if not plain:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 20 else text
    return float(text) if _DECIMAL.fullmatch(text) else text

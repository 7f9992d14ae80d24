"""The text of a cases file, to which a case or a variable is added where it stands best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from greenflash_kafka.cases.yaml_text import block, scalar
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Scalar

_USUAL_INDENT: Final = 2


class NoPlace(ValueError):
    """A case can't be added to this text; the message says why, and what to do."""


class CasesText:
    """The text of a cases file, "" for a new one. Raises `NoPlace` if it is no map in block notation."""

    def __init__(self, text: str) -> None:
        self._lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
        self._end = "\r\n" if "\r\n" in text else "\n"
        self._root = self._parsed()

    def _parsed(self) -> Map | None:
        report = FileReport("")
        root = parse("\n".join(self._lines).encode(), report)
        if report.failed or not isinstance(root, Map | None):
            raise NoPlace("the file isn't a map that can be read: `greenflash-kafka lint` says what is wrong")
        return root

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self._end.join([*self._lines, ""])

    @property
    def names(self) -> set[str]:
        """The names of the cases."""
        cases = self._root.get("cases") if self._root is not None else None
        found = [each.get("name") for each in cases.items if isinstance(each, Map)] if isinstance(cases, List) else []
        return {each.text for each in found if isinstance(each, Scalar)}

    def add_variables(self, values: Mapping[str, str]) -> None:
        """Add variables to `env`."""
        env = self._root.entry("env") if self._root is not None else None
        lines = [f"{name}: {scalar(value)}" for name, value in values.items()]
        if not lines:
            return
        if env is None:
            self._insert(self._before("cases"), ["env:", *(f"  {line}" for line in lines)])
        elif isinstance(env.value, Map) and env.value.entries and env.value.place.line > env.key.line:
            first = env.value.entries[0].key
            self._insert(first.line - 1, [" " * (first.column - 1) + line for line in lines])
        else:
            inner = self._lines[env.key.line - 1].partition("{")[2].rpartition("}")[0].strip()
            self._lines[env.key.line - 1] = f"env: {{{', '.join([*([inner] if inner else []), *lines])}}}"
        self._root = self._parsed()

    def add_case(self, case: Mapping[str, Any]) -> None:
        """Add a case after the last one."""
        entry = self._root.entry("cases") if self._root is not None else None
        if entry is None:
            self._lines += ["cases:", *block([case], _USUAL_INDENT)]
        elif isinstance(entry.value, List) and entry.value.items:
            first = self._lines[entry.value.items[0].line - 1]
            indent = len(first) - len(first.lstrip())
            if first.lstrip()[:1] != "-":
                raise NoPlace("the cases stand in brackets: write them one below the other, each after `- `")
            self._insert(self._after("cases"), block([case], indent))
        else:
            self._lines[entry.key.line - 1] = "cases:"
            self._insert(entry.key.line, block([case], _USUAL_INDENT))
        self._root = self._parsed()

    def _insert(self, index: int, lines: list[str]) -> None:
        self._lines[index:index] = lines

    def _before(self, key: str) -> int:
        """The index of the line of a key, without the comment above it; else of the end."""
        entry = self._root.entry(key) if self._root is not None else None
        return len(self._lines) if entry is None else self._above(entry.key.line - 1)

    def _after(self, key: str) -> int:
        """The index of the line after the last one of what stands under a key."""
        assert self._root is not None
        keys = [each.key for each in self._root.entries]
        place = next(number for number, each in enumerate(keys) if each.text == key)
        return len(self._lines) if place + 1 == len(keys) else self._above(keys[place + 1].line - 1)

    def _above(self, index: int) -> int:
        while index > 0 and (not self._lines[index - 1].strip() or self._lines[index - 1].startswith("#")):
            index -= 1
        return index

"""Facts of mapping files that cases are checked against, of the files as they are loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.cases.outline import MappingOutline, outline
from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.mappings.cases_names import SUFFIXES, is_cases_file
from greenflash_kafka.mappings.files import MappingLoader

MOST_FILES: Final = 100
"""So many files are looked at in each of these places."""


class MappingFacts(msgspec.Struct, frozen=True):
    """Of one mapping file, as in its outline; `rules` and `sources` are None if they aren't known. `sources` has those
    of the files named by `conversations_from`, too."""

    topic: str = ""
    rules: frozenset[str] | None = None
    tables: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    sources: Mapping[str, frozenset[str]] | None = None


class MappingOutlines:
    """Outlines of mapping files: of those that a loader has, and of others, each of which is read once."""

    def __init__(
        self,
        tree: FileTree,
        loader: MappingLoader | None = None,
        others: dict[Path, MappingOutline | None] | None = None,
    ) -> None:
        self._tree = tree
        self._loader = loader
        self._others = {} if others is None else others

    def of(self, path: Path) -> MappingOutline | None:
        """The outline of a file; None if it can't be read."""
        path = self._tree.real(path)
        if self._loader is not None and self._loader.has(path):
            return outline(self._loader.root(path))
        if path not in self._others:
            self._others[path] = _read(path, self._tree)
        return self._others[path]

    def facts(self, mapping: Path, others: Sequence[Path] = ()) -> MappingFacts:
        """The facts of a mapping file; `others` are the files whose conversations its rules may link to."""
        own = self.of(mapping)
        if own is None:
            return MappingFacts()
        if own.rules is None:
            return MappingFacts(own.topic, None, own.tables)
        outlines = (own, *(each for each in map(self.of, others) if each is not None))
        sources = {name: keys for each in outlines for name, keys in each.sources.items()}
        return MappingFacts(own.topic, own.rules, own.tables, own.conditions, sources)

    def files_with(self, names: Collection[str], mapping: Path) -> tuple[Path, ...]:
        """The mapping files near this one that have these conversation sources: of its folder, the folder above, and
        the folders beside. None for what it has itself."""
        left = set(names) - self._sources(mapping)
        found: list[Path] = []
        folder = mapping.parent
        for places in ([folder], [folder / ".."], self._folders_in(folder / "..")):
            near = sorted(path for each in places for path in self._yaml_in(each)) if left else []
            for path in near[:MOST_FILES]:
                has = set() if is_cases_file(path) else left & self._sources(path)
                if has:
                    found.append(path)
                    left -= has
        return tuple(found)

    def _folders_in(self, folder: Path) -> list[Path]:
        return [path for name in _names(folder, self._tree) if self._tree.is_folder(path := folder / name)]

    def _yaml_in(self, folder: Path) -> list[Path]:
        return [folder / name for name in _names(folder, self._tree) if name.endswith(SUFFIXES)]

    def _sources(self, path: Path) -> set[str]:
        known = self.of(path)
        return set() if known is None else set(known.sources)


def _names(folder: Path, tree: FileTree) -> tuple[str, ...]:
    try:
        return tree.names(folder)
    except OSError:
        return ()


def _read(path: Path, tree: FileTree) -> MappingOutline | None:
    try:
        return outline(parse(tree.read(path), FileReport(str(path))))
    except OSError:
        return None

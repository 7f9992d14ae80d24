"""A tree of files, and what was compiled of it: mapping files are loaded from both, again and again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from greenflash_kafka.documents.edited_tree import EditedTree
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.mappings.understood_files import UnderstoodFiles


class Workspace:
    """A tree of files, on disk if none is said; and the mapping files of it that have been compiled. It lives as long
    as somebody may load them again: `run` has one until its rules are loaded."""

    def __init__(self, tree: FileTree = DISK, known: UnderstoodFiles | None = None) -> None:
        self.tree = tree
        self.known = UnderstoodFiles() if known is None else known

    def at(self, tree: FileTree) -> Workspace:
        """Another tree; what has been compiled and is the same there isn't compiled again."""
        return Workspace(tree, self.known)

    def edited(self, edits: Mapping[Path, bytes | None]) -> Workspace:
        """The same tree with other contents of these files; None for those that are gone."""
        return self.at(EditedTree(self.tree, edits))

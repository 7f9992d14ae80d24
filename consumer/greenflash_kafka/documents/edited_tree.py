"""A tree of files with edits over it: what an editor has and hasn't saved, or a file that is still to be written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from greenflash_kafka.documents.file_tree import FileTree


class EditedTree:
    """The files of `base`, but for those in `edits`: their content, or None for those that are gone. See `FileTree`."""

    def __init__(self, base: FileTree, edits: Mapping[Path, bytes | None]) -> None:
        """Raises what `real` of the base does, for an edit that it refuses."""
        self._base = base
        self._edits = {base.real(path): content for path, content in edits.items()}

    def is_file(self, path: Path) -> bool:
        """See `FileTree`."""
        edited, content = self._edited(path)
        return content is not None if edited else self._base.is_file(path)

    def is_folder(self, path: Path) -> bool:
        """See `FileTree`."""
        return self._base.is_folder(path) or bool(self._added(path))

    def read(self, path: Path) -> bytes:
        """See `FileTree`."""
        edited, content = self._edited(path)
        if not edited:
            return self._base.read(path)
        if content is None:
            raise FileNotFoundError(2, os.strerror(2), str(path))
        return content

    def real(self, path: Path) -> Path:
        """See `FileTree`."""
        return self._base.real(path)

    def names(self, folder: Path) -> tuple[str, ...]:
        """See `FileTree`."""
        added = {each.parts[0] for each in self._added(folder)}
        try:
            found = self._base.names(folder)
        except OSError:
            if not added:
                raise
            found = ()
        there = (name for name in found if self._edited(folder / name) != (True, None))
        return tuple(sorted({*there, *added}))

    def below(self, folder: Path, endings: tuple[str, ...]) -> list[Path]:
        """See `FileTree`."""
        found = {path for path in self._base.below(folder, endings) if self._edited(path) != (True, None)}
        for inside in self._added(folder):
            if inside.name.endswith(endings) and not any(part.startswith(".") for part in inside.parts):
                found.add(folder / inside)
        return sorted(found)

    def _edited(self, path: Path) -> tuple[bool, bytes | None]:
        try:
            real = self._base.real(path)
        except (OSError, RuntimeError):
            return False, None
        return real in self._edits, self._edits.get(real)

    def _added(self, folder: Path) -> list[Path]:
        """The files of the edits that are in or below a folder, by their paths in it."""
        try:
            real = self._base.real(folder)
        except (OSError, RuntimeError):
            return []
        there = (path for path, content in self._edits.items() if content is not None)
        return [path.relative_to(real) for path in there if path != real and path.is_relative_to(real)]

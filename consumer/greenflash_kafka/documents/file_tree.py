"""Files by path: on disk here; elsewhere as bytes that a git revision or an editor has."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol


class FileTree(Protocol):
    """Files by path, as people write it: absolute, or relative to the folder of this process."""

    def is_file(self, path: Path) -> bool:
        """Whether there is such a file; a link counts as what it leads to."""
        ...

    def is_folder(self, path: Path) -> bool:
        """Whether there is such a folder; a link counts as what it leads to."""
        ...

    def read(self, path: Path) -> bytes:
        """The content of a file. Raises OSError."""
        ...

    def real(self, path: Path) -> Path:
        """The absolute path without links, whether or not there is anything. Raises OSError, and RuntimeError for links
        that lead in circles."""
        ...

    def names(self, folder: Path) -> tuple[str, ...]:
        """The names of what is in a folder, sorted. Raises OSError."""
        ...

    def below(self, folder: Path, endings: tuple[str, ...]) -> list[Path]:
        """The files in and below a folder whose names end so, sorted; without those whose path in it has a part that
        begins with a dot, and without what is in linked folders."""
        ...


class Disk:
    """The files on disk, as they are at the moment. See `FileTree`."""

    def is_file(self, path: Path) -> bool:
        """See `FileTree`."""
        return path.is_file()

    def is_folder(self, path: Path) -> bool:
        """See `FileTree`."""
        return path.is_dir()

    def read(self, path: Path) -> bytes:
        """See `FileTree`."""
        return path.read_bytes()

    def real(self, path: Path) -> Path:
        """See `FileTree`."""
        return path.resolve()

    def names(self, folder: Path) -> tuple[str, ...]:
        """See `FileTree`."""
        return tuple(sorted(os.listdir(folder)))

    def below(self, folder: Path, endings: tuple[str, ...]) -> list[Path]:
        """See `FileTree`."""
        found = []
        for at, folders, names in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            here = Path(at)
            found += [here / name for name in names if name.endswith(endings) and not name.startswith(".")]
        return sorted(path for path in found if path.is_file())


DISK = Disk()

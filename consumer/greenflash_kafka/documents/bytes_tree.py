"""A tree of files that is held in memory: what a git revision has, say."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

_MOST_LINKS: Final = 40


class BytesTree:
    """Files below `root`, an absolute path without links: `files` by their paths relative to it, and `links` with what
    they lead to. Immutable; may be sent to another process. Nothing outside of the root is ever read. See `FileTree`.
    """

    def __init__(self, root: Path, files: Mapping[str, bytes], links: Mapping[str, str] | None = None) -> None:
        self.root = root
        self._files = dict(files)
        self._links = dict(links or {})

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        """The names in each folder, by its path; "" is the root."""
        found: dict[str, set[str]] = {"": set()}
        for path in (*self._files, *self._links):
            inside = path
            while inside:
                above, _, name = inside.rpartition("/")
                found.setdefault(above, set()).add(name)
                inside = above
        return found

    def is_file(self, path: Path) -> bool:
        """See `FileTree`."""
        return self._leads_to(path) in self._files

    def is_folder(self, path: Path) -> bool:
        """See `FileTree`."""
        return self._leads_to(path) in self._folders

    def read(self, path: Path) -> bytes:
        """See `FileTree`."""
        inside = self.inside(path)
        content = self._files.get(inside)
        if content is None:
            number = errno.EISDIR if inside in self._folders else errno.ENOENT
            raise OSError(number, os.strerror(number), str(path))
        return content

    def real(self, path: Path) -> Path:
        """See `FileTree`."""
        return self.root / self.inside(path)

    def names(self, folder: Path) -> tuple[str, ...]:
        """See `FileTree`."""
        found = self._folders.get(self.inside(folder))
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        return tuple(sorted(found))

    def below(self, folder: Path, endings: tuple[str, ...]) -> list[Path]:
        """See `FileTree`."""
        start = self._leads_to(folder)
        prefix = f"{start}/" if start else ""
        found = []
        for path in (*self._files, *self._links) if start is not None else ():
            parts = PurePosixPath(path.removeprefix(prefix)).parts
            if path.startswith(prefix) and path.endswith(endings) and not any(each.startswith(".") for each in parts):
                found.append(folder.joinpath(*parts))
        return sorted(path for path in found if self.is_file(path))

    def inside(self, path: Path) -> str:
        """The path relative to the root, without links. Raises OSError for one that leads out of the root, or in
        circles."""
        root = self.root.parts
        left = list(reversed(path.absolute().parts))
        done: list[str] = []
        links = 0
        while left:
            part = left.pop()
            if part == "..":
                del done[max(1, len(done) - 1) :]
            elif part.startswith("/"):
                done = [root[0]]
            elif part not in ("", "."):
                done.append(part)
            target = self._links.get("/".join(done[len(root) :])) if self._below_root(done) else None
            if target is not None:
                links += 1
                if links > _MOST_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
                done.pop()
                left.extend(reversed(PurePosixPath(target).parts))
        if not self._below_root(done):
            raise FileNotFoundError(errno.ENOENT, "it lies outside of the files that are read", str(path))
        return "/".join(done[len(root) :])

    def _below_root(self, parts: list[str]) -> bool:
        return tuple(parts[: len(self.root.parts)]) == self.root.parts

    def _leads_to(self, path: Path) -> str | None:
        try:
            return self.inside(path)
        except OSError:
            return None

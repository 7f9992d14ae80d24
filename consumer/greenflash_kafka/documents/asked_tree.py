"""Questions to a tree of files, with their answers: another tree may answer them otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from greenflash_kafka.documents.file_tree import FileTree

Question = tuple[Any, ...]
"""The name of a method of `FileTree`, and its arguments."""


class AskedTree:
    """A tree that keeps the answers it gave; of contents their digests. See `FileTree`."""

    def __init__(self, tree: FileTree) -> None:
        self._tree = tree
        self.answers: dict[Question, object] = {}
        self.digests: list[bytes] = []
        """SHA-256 of each content that was read, in this order."""

    def is_file(self, path: Path) -> bool:
        """See `FileTree`."""
        return bool(self._ask("is_file", path))

    def is_folder(self, path: Path) -> bool:
        """See `FileTree`."""
        return bool(self._ask("is_folder", path))

    def read(self, path: Path) -> bytes:
        """See `FileTree`."""
        content: bytes = self._ask("read", path)
        return content

    def real(self, path: Path) -> Path:
        """See `FileTree`."""
        real: Path = self._ask("real", path)
        return real

    def names(self, folder: Path) -> tuple[str, ...]:
        """See `FileTree`."""
        names: tuple[str, ...] = self._ask("names", folder)
        return names

    def below(self, folder: Path, endings: tuple[str, ...]) -> list[Path]:
        """See `FileTree`."""
        below: list[Path] = self._ask("below", folder, endings)
        return below

    def _ask(self, *question: Any) -> Any:
        method, *arguments = question
        try:
            found = getattr(self._tree, method)(*arguments)
        except (OSError, RuntimeError) as error:
            self.answers[question] = (type(error), error.args[:1])
            raise
        answer = found
        if isinstance(found, bytes):
            answer = hashlib.sha256(found).digest()
            self.digests.append(answer)
        self.answers[question] = answer
        return found


def same_answers(answers: Mapping[Question, object], tree: FileTree) -> bool:
    """Whether a tree answers each of these questions so."""
    again = AskedTree(tree)
    for question, answer in answers.items():
        method, *arguments = question
        with suppress(OSError, RuntimeError):
            getattr(again, method)(*arguments)
        if again.answers[question] != answer:
            return False
    return True

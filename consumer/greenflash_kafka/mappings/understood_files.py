"""Mapping files as they were compiled, so that one that didn't change isn't compiled again."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.asked_tree import AskedTree, Question, same_answers
from greenflash_kafka.mappings.file_parts import Surroundings
from greenflash_kafka.mappings.mapping import Understood, understand

_VERSIONS: Final = 4
"""Versions of a file that are kept: the two that are compared, each with the variables of two cases files, say."""


class _Kept(msgspec.Struct, frozen=True):
    """A compiled file with all that it was made of beside the program. `digests` are the SHA-256 of its content and of
    each other that was read; `strict_env` is None where no variable is missing."""

    understood: Understood
    digests: tuple[bytes, ...]
    answers: Mapping[Question, object]
    variables: Mapping[str, str | None]
    strict_env: bool | None

    def fits(self, digest: bytes, around: Surroundings) -> bool:
        """Whether the file with this content would be compiled to the same again."""
        return (
            digest == self.digests[0]
            and self.strict_env in (None, around.strict_env)
            and all(around.env.get(name) == value for name, value in self.variables.items())
            and same_answers(self.answers, around.tree)
        )


class UnderstoodFiles:
    """Remembers the last versions of mapping files, by content and all else that was read for them: files beside them,
    and variables; not those that were compiled with tables in place of their own. What it gives is nobody else's:
    findings can be added to it."""

    def __init__(self) -> None:
        self._kept: dict[Path, deque[_Kept]] = {}
        self.compiled = 0
        """How often a file was compiled."""

    def understand(self, path: Path, content: bytes, around: Surroundings) -> Understood:
        """The file with this content, compiled now or before; its `digests` are set."""
        digest = hashlib.sha256(content).digest()
        kept = self._kept.setdefault(path, deque(maxlen=_VERSIONS))
        found = next((each for each in kept if not around.tables and each.fits(digest, around)), None)
        if found is None:
            found = self._compiled(path, content, digest, around)
            if not around.tables:
                kept.append(found)
        return found.understood.again()

    def _compiled(self, path: Path, content: bytes, digest: bytes, around: Surroundings) -> _Kept:
        asked, variables = AskedTree(around.tree), _AskedVariables(around.env)
        around = Surroundings(variables, around.strict_env, asked, around.tables)
        understood = understand(path, content, around)
        self.compiled += 1
        understood.digests = (digest, *asked.digests)
        strict_env = around.strict_env if None in variables.asked.values() else None
        return _Kept(understood, understood.digests, asked.answers, variables.asked, strict_env)


class _AskedVariables(Mapping[str, str]):
    """Variables that remember which of them were asked for."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.asked: dict[str, str | None] = {}

    def __getitem__(self, name: str) -> str:
        self.asked[name] = self._env.get(name)
        return self._env[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._env)

    def __len__(self) -> int:
        return len(self._env)

"""How a worker is started: as the supervisor itself was, with the same flags, and its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

OPTION: Final = "--as-worker"
"""The hidden flag of `run` that says which place a worker takes."""


class Place(NamedTuple):
    """Worker `number` (from 1) of `of`; its line to the supervisor and its log are open under these descriptors."""

    number: int
    of: int
    line: int
    log: int

    @classmethod
    def parse(cls, text: str) -> Place:
        """The place that `str` of one says; raises ValueError for anything else."""
        share, line, log = text.split(":")
        number, of = share.split("/")
        return cls(int(number), int(of), int(line), int(log))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}:{self.line}:{self.log}"


def interpreter(executable: str, orig_argv: Sequence[str], argv: Sequence[str]) -> list[str]:
    """The beginning of our own command line: the interpreter, its options, and the script or module.

    `orig_argv` and `argv` are those of `sys`.
    """
    given = len(argv) - 1
    if len(orig_argv) > given + 1 and list(orig_argv[len(orig_argv) - given :]) == list(argv[1:]):
        return [executable, *orig_argv[1 : len(orig_argv) - given]]
    return [executable, "-m", "consumer"]


def arguments(flags: Mapping[str, object]) -> list[str]:
    """The flags as they were given: None and False weren't; True stands alone; of a list each is one."""
    found: list[str] = []
    for name, value in flags.items():
        if value is True:
            found.append(name)
        elif value not in (None, False):
            found += [f"{name}={each}" for each in (value if isinstance(value, list | tuple) else (value,))]
    return found

"""The two rule sets of a `diff`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from greenflash_kafka.cli.rule_sets import rule_paths, ruleset
from greenflash_kafka.diff.report import Side
from greenflash_kafka.rules.ruleset import Ruleset

NamedPaths = tuple[str, tuple[Path, ...]]
"""What rules are called, and where they are."""


class Sides(msgspec.Struct, frozen=True):
    """The old rules and the new ones."""

    paths: tuple[NamedPaths, NamedPaths]
    old: Ruleset
    new: Ruleset

    def topics(self, only: Sequence[str]) -> tuple[list[str], list[str]]:
        """Names and patterns of the topics that either of them reads; those of `only`, if there are any."""
        if only:
            return list(only), []
        names = dict.fromkeys((*self.old.topics, *self.new.topics))
        return list(names), list(dict.fromkeys((*self.old.patterns, *self.new.patterns)))

    def read(self, topic: str) -> bool:
        """Whether either of them reads a topic."""
        return self.old.rules_for(topic) is not None or self.new.rules_for(topic) is not None

    def differ_in(self, topic: str) -> bool:
        """Whether a topic's messages may become something else."""
        return self.old.digest_of(topic) != self.new.digest_of(topic)

    @property
    def described(self) -> tuple[Side, Side]:
        """Names, versions and numbers of rules."""
        (old, _), (new, _) = self.paths
        return Side(old, self.old.version, len(self.old.rules)), Side(new, self.new.version, len(self.new.rules))


@contextmanager
def sides(
    old: str | None, new: str | None, paths: Callable[[], Sequence[Path]], environ: Mapping[str, str]
) -> Iterator[Sides]:
    """The rules of two folders, files or git revisions, HEAD and the working folder if not said; a revision's files are
    there until the end. `paths` are asked for where a revision, or nothing, is given. Raises click's usage error and
    MappingsInvalid."""
    with rule_paths("HEAD" if old is None else old, paths) as ours, rule_paths(new, paths) as theirs:
        pair = ((ours[0], tuple(ours[1])), (theirs[0], tuple(theirs[1])))
        yield Sides(pair, *(ruleset(name, where, environ) for name, where in pair))

"""The two rule sets of a `diff`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from greenflash_kafka.cli.rule_sets import RuleFiles, rule_files, ruleset
from greenflash_kafka.diff.report import Side
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.rules.workspace import Workspace


class Sides(msgspec.Struct, frozen=True):
    """The old rules and the new ones."""

    files: tuple[RuleFiles, RuleFiles]
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
        old, new = self.files
        return Side(old.name, self.old.version, len(self.old.rules)), Side(
            new.name, self.new.version, len(self.new.rules)
        )

    @property
    def versions(self) -> tuple[str, str]:
        """Of all that was read for them."""
        return self.old.version, self.new.version


def sides(old: str | None, new: str | None, paths: Callable[[], Sequence[Path]], environ: Mapping[str, str]) -> Sides:
    """The rules of two folders, files or git revisions, HEAD and the working folder if not said. `paths` are asked for
    where a revision, or nothing, is given. Raises click's usage error and MappingsInvalid."""
    return loaded((rule_files("HEAD" if old is None else old, paths), rule_files(new, paths)), environ)


def loaded(files: tuple[RuleFiles, RuleFiles], environ: Mapping[str, str]) -> Sides:
    """The rules in these files; what both have alike is compiled once. Raises MappingsInvalid."""
    workspace = Workspace()
    old, new = (ruleset(each, environ, workspace) for each in files)
    return Sides(files, old, new)

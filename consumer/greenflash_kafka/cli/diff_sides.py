"""The two rule sets of a `diff`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from greenflash_kafka.cli.rule_sets import RuleFiles, rule_files, ruleset
from greenflash_kafka.diff.history_sent import NewTopic, new_topic
from greenflash_kafka.diff.report import Side
from greenflash_kafka.diff.setting_changes import SettingChange, changes, settings_of
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.mappings.mapping_files import mapping_files
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.rules.ruleset import Ruleset


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

    def new_topic(self, topic: str) -> NewTopic | None:
        """How the new rules begin in a topic that the old ones don't read; None for any other."""
        if self.old.rules_for(topic) is not None or self.new.rules_for(topic) is None:
            return None
        format = self.new.format_of(topic)
        reading = self.new.files_reading(topic)
        return new_topic(topic, format, reading[0].path if reading else "", alone=not self.old.rules)

    def max_ages(self, topic: str) -> tuple[int | None, int | None]:
        """`max_age` of a topic, milliseconds, on both sides."""
        return self.old.format_of(topic).max_age, self.new.format_of(topic).max_age

    def setting_changes(self) -> tuple[SettingChange, ...]:
        """The settings that differ between the files of both. Raises OSError for files that are gone meanwhile."""
        if self.old.version == self.new.version:
            return ()
        ours, theirs = (dict(_contents(each)) for each in self.files)
        alike = {path for path, content in ours.items() if theirs.get(path) == content}
        old, new = (
            settings_of((path, parse(each, FileReport(path))) for path, each in side.items() if path not in alike)
            for side in (ours, theirs)
        )
        return changes(old, new)

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


def _contents(files: RuleFiles) -> Iterator[tuple[str, bytes]]:
    for path, missing in mapping_files(files.paths, files.tree):
        if not missing:
            yield str(path), files.tree.read(path)


def sides(old: str | None, new: str | None, paths: Callable[[], Sequence[Path]], environ: Mapping[str, str]) -> Sides:
    """The rules of two folders, files or git revisions, HEAD and the working folder if not said. `paths` are asked for
    where a revision, or nothing, is given. Raises click's usage error and MappingsInvalid."""
    return loaded((rule_files("HEAD" if old is None else old, paths), rule_files(new, paths)), environ)


def loaded(files: tuple[RuleFiles, RuleFiles], environ: Mapping[str, str]) -> Sides:
    """The rules in these files; what both have alike is compiled once. Raises MappingsInvalid."""
    workspace = Workspace()
    old, new = (ruleset(each, environ, workspace) for each in files)
    return Sides(files, old, new)

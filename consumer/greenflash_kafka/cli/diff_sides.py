"""The two rule sets of a `diff`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import re2

from greenflash_kafka.cli.rule_sets import RuleFiles, rule_files, ruleset
from greenflash_kafka.diff.history_sent import NewTopic, new_topic
from greenflash_kafka.diff.report import Side
from greenflash_kafka.diff.setting_changes import RulesShown, SettingChange, changes
from greenflash_kafka.diff.topic_changes import TopicChange
from greenflash_kafka.diff.written_settings import settings_of, topics_of
from greenflash_kafka.documents.file_tree import FileTree
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

    def left_out(self, only: Sequence[str], there: Collection[str]) -> tuple[str, ...]:
        """Topics, and `/patterns/`, whose rules differ and that aren't compared: those not in `only`, if there are any,
        else the patterns that none of the topics that are `there` fits."""
        if only:
            names = [name for name in self.topics([])[0] if name not in only and self.differ_in(name)]
            return (*names, *(f"/{pattern}/" for pattern in self._differing_patterns()))
        fitting = {pattern for pattern in self._differing_patterns() if _fitting(pattern, there)}
        return tuple(f"/{pattern}/" for pattern in self._differing_patterns() if pattern not in fitting)

    def _differing_patterns(self) -> list[str]:
        patterns = dict.fromkeys((*self.old.patterns, *self.new.patterns))
        return [each for each in patterns if self.old.digest_of_pattern(each) != self.new.digest_of_pattern(each)]

    def topic_changes(self, there: Collection[str] | None) -> tuple[TopicChange, ...]:
        """The topics and patterns that only one side reads. `there` are the topics of the cluster that fit any of them;
        None if it wasn't asked. Raises OSError as `setting_changes` does."""
        if self.old.version == self.new.version:
            return ()
        found = []
        for now, (ours, theirs, files) in enumerate(
            ((self.old, self.new, self.files[0]), (self.new, self.old, self.files[1]))
        ):
            places = topics_of((path, parse(each, FileReport(path))) for path, each in _contents(files))
            before = "" if now else " before"
            for name in ours.topics:
                if theirs.rules_for(name) is None and not (now and there is not None and name in there):
                    found.append(TopicChange(name, bool(now), f"{places.get(name, files.name)}{before}"))
            for pattern in (each for each in ours.patterns if each not in theirs.patterns):
                fit = None if there is None else _fitting(pattern, there)
                others = None if fit is None else tuple(each for each in fit if theirs.rules_for(each) is None)
                at = f"{places.get(f'/{pattern}/', files.name)}{before}"
                found.append(TopicChange(f"/{pattern}/", bool(now), at, others, _begins(ours, pattern)))
        return tuple(found)

    def setting_changes(self, shown: RulesShown) -> tuple[SettingChange, ...]:
        """The settings that differ between the files of both, beside what messages showed. Raises OSError for files
        that are gone meanwhile."""
        if self.old.version == self.new.version:
            return ()
        old, new = (
            settings_of(
                ((path, parse(each, FileReport(path))) for path, each in _contents(files)),
                lambda path, named, tree=files.tree: _beside(tree, path, named),  # type: ignore[misc]
            )
            for files in self.files
        )
        return changes(old, new, shown)

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


def _fitting(pattern: str, topics: Collection[str]) -> tuple[str, ...]:
    compiled = re2.compile(pattern)
    return tuple(sorted(each for each in topics if compiled.fullmatch(each) is not None))


def _begins(rules: Ruleset, pattern: str) -> str:
    """What `initial_offset` says of the topics that fit."""
    starts = {file.format.initial_offset for file in rules.files_naming(pattern)} - {None}
    return "" if not starts else str(next(iter(starts)))


def _beside(tree: FileTree, path: str, named: str) -> bytes | None:
    try:
        return tree.read(Path(path).parent / named)
    except OSError:
        return None


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

"""Mapping files: find them, load them, give a ruleset or everything that is wrong with them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import re2

from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_nodes import BEGINNING, Node, place
from greenflash_kafka.expressions.names import Table
from greenflash_kafka.mappings.cases_names import right_name
from greenflash_kafka.mappings.file_parts import Surroundings
from greenflash_kafka.mappings.link_checks import check_links
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.mapping_files import mapping_files
from greenflash_kafka.mappings.table_checks import check_topic_tables
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.rules.topic_formats import SAID_BY_ALL, contradiction, written


class Loaded(msgspec.Struct, frozen=True):
    """What loading gave: `ruleset` is None when any finding is an error."""

    ruleset: Ruleset | None
    findings: tuple[Finding, ...]


class MappingLoader:
    """Reads mapping files, each once, and makes a ruleset of them.

    `env` is what `${NAME}` reads. With `strict_env` false a missing variable is a warning and a placeholder stands
    for it, so that `lint` works on a machine without the deployment's settings. `tables` stand in for the files' own of
    the same names (cases do that). `workspace`: where the files are, and what has been compiled of them; on disk, and
    nothing, if not said. Never raises for content: a file that can't be read is a finding, too.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        strict_env: bool = True,
        tables: Mapping[str, Table] | None = None,
        workspace: Workspace | None = None,
    ) -> None:
        workspace = workspace or Workspace()
        self.tree, self._known = workspace.tree, workspace.known
        self._around = Surroundings(env, strict_env, self.tree, tables or {})
        self._reports: list[FileReport] = []
        self._files: dict[Path, Understood] = {}

    def add(self, paths: Sequence[Path]) -> None:
        """Read and compile these files, but for what is there already; a folder stands for every mapping file in it."""
        for path, missing in mapping_files(paths, self.tree):
            if not self.has(path):
                self._add(path, missing)

    def report(self, path: Path) -> FileReport:
        """A report for a file that belongs to these: with an error in it there is no ruleset."""
        self._reports.append(FileReport(str(path)))
        return self._reports[-1]

    def has(self, path: Path) -> bool:
        """Whether this file has been read."""
        return self.tree.real(path) in self._files

    def topics(self, path: Path) -> tuple[str, ...]:
        """The topics that a file reads by their exact names; none of a file that hasn't been read."""
        file = self._files.get(self.tree.real(path))
        return () if file is None else tuple(file.topics)

    @property
    def files(self) -> tuple[Understood, ...]:
        """Every mapping file that has been read, in their order."""
        return tuple(self._files.values())

    def root(self, path: Path) -> Node | None:
        """The tree of a file that has been read."""
        return self._files[self.tree.real(path)].root

    def loaded(
        self, *, dead_letters: str | None = None, whole: bool = True, conversations_only: Collection[Path] = ()
    ) -> Loaded:
        """The ruleset of all files, and the findings, those included that only show when files are seen together.

        `dead_letters` is the dead-letter topic, which no file may read. `whole` false: files that aren't given may
        describe conversations, so that nothing is said of links whose names nobody knows here. Of the files
        `conversations_only` no rules count.
        """
        files = list(self._files.values())
        _check_together(files)
        check_links(files, whole=whole)
        check_topic_tables(files, dead_letters)
        if dead_letters:
            _check_dead_letters(files, dead_letters)
        findings = tuple(finding for report in self._reports for finding in report.findings)
        if any(report.failed for report in self._reports):
            return Loaded(None, findings)
        without_rules = set(conversations_only)
        compiled = [
            msgspec.structs.replace(file.compiled, rules=()) if file.path in without_rules else file.compiled
            for file in files
        ]
        compiled += [table for file in files for table in file.table_files]
        digests = (digest for file in files for digest in file.digests)
        return Loaded(Ruleset(compiled, hashlib.sha256(b"".join(digests)).hexdigest()[:12]), findings)

    def _add(self, path: Path, missing: str) -> None:
        report = self.report(path)
        if missing:
            report.add(BEGINNING, "no-mappings" if self.tree.is_folder(path) else "unreadable-file", missing)
            return
        try:
            content = self.tree.read(path)
        except OSError as error:
            report.add(BEGINNING, "unreadable-file", f"can't be read: {error.strerror or error}")
            return
        name = right_name(path, content, self.tree)
        if name:
            said = "this file holds cases, and isn't run: the name of a cases file ends in _test.yaml"
            report.add(BEGINNING, "misnamed-cases", said, f"rename it: {name}")
            return
        understood = self._known.understand(path, content, self._around)
        self._reports[-1] = understood.report
        self._files[self.tree.real(path)] = understood


def _check_together(files: list[Understood]) -> None:
    """What only shows when files are seen together: names, and how a topic is read."""
    for place_, file in enumerate(files):
        names: dict[str, str] = {}
        others = [other for other in files[:place_] if share_topic(file, other)]
        for other in others:
            names.update((name.text, f"{other.path}, line {name.line}") for name in other.names)
        for facts, name in zip(file.facts, file.names, strict=True):
            if name.text in names:
                said = f"a rule that reads the same topic has the name {name.text}, too: {names[name.text]}"
                facts.report.add(place(name), "duplicate-name", said, "choose another name")
            names[name.text] = f"line {name.line}"
        _check_formats(file, others)


def _check_formats(file: Understood, others: Iterable[Understood]) -> None:
    """A topic's messages are read in one way, which no file must contradict."""
    for other in others:
        key = contradiction(other.format, file.format)
        if key is None or not _surely_share_topic(file, other):
            continue
        theirs = written(other.format, key)
        at = file.source.at(key) if file.source is not None else BEGINNING
        said = f"{other.path} reads the same topic, {f'with {key}: {theirs}' if theirs else f'and says no {key}'}"
        hint = f"write {key}: {theirs}" if theirs else f"leave {key} out"
        hint += ", or leave it out" if key not in SAID_BY_ALL else ""
        file.report.add(at, "mixed-source", said, hint)


def _check_dead_letters(files: Iterable[Understood], name: str) -> None:
    """A dead letter that is read again is invalid again: one bad message would be written without end."""
    for file in files:
        read = [file.topics[name]] if name in file.topics else []
        read += [scalar for pattern, scalar in file.patterns.items() if re2.fullmatch(pattern, name)]
        for scalar in read:
            said = f"{scalar.text} is the dead-letter topic {name}, whose letters would come back as messages"
            hint = "name another dead_letter.topic, and leave this one out of `source.topics`"
            if scalar.text != name:
                said = f"{scalar.text} matches the dead-letter topic {name}, whose letters would come back as messages"
                hint = "name a dead_letter.topic that the pattern doesn't match, or write a narrower pattern"
            file.report.add(place(scalar), "dead-letter-topic", said, hint)


def share_topic(one: Understood, other: Understood) -> bool:
    """Whether one topic may be read by both; of two patterns nobody can tell, so they count as sharing."""
    if one.topics.keys() & other.topics.keys() or (one.patterns and other.patterns):
        return True
    return _matches(one, other) or _matches(other, one)


def _surely_share_topic(one: Understood, other: Understood) -> bool:
    """Whether a topic that one of them names is read by both."""
    return bool(one.topics.keys() & other.topics.keys()) or _matches(one, other) or _matches(other, one)


def _matches(patterns: Understood, topics: Understood) -> bool:
    return any(re2.fullmatch(pattern, topic) for pattern in patterns.patterns for topic in topics.topics)

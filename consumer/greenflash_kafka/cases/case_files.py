"""Cases files on disk: found beside the mapping files, read, and tied to the mapping that they test."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from greenflash_kafka.cases.case import Case, CasesFile, ToldActivity
from greenflash_kafka.cases.case_message import Beside, build, schema_of_payload, without_payload
from greenflash_kafka.cases.cases_spec import CASES_FILE
from greenflash_kafka.cases.event_checks import event_checks
from greenflash_kafka.cases.expectation import Expected, base_fields, expectation
from greenflash_kafka.cases.mapping_facts import MappingFacts, MappingOutlines
from greenflash_kafka.cases.told import named_sources, told
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import BEGINNING, List, Scalar, beginning, place
from greenflash_kafka.expressions.names import Table
from greenflash_kafka.mappings.cases_names import SUFFIXES, is_cases_file
from greenflash_kafka.mappings.tables import read_table
from greenflash_kafka.model.message import Message

ENDINGS: Final = ("_test.yaml", "_test.yml")
"""The endings of a cases file's name, after the name of its mapping file."""


def find(paths: Iterable[Path], tree: FileTree = DISK) -> list[Path]:
    """The cases files of these paths: those in and below a folder, a cases file itself, those beside a mapping file."""
    found: dict[Path, None] = {}
    for path in paths:
        if tree.is_folder(path):
            each = tree.below(path, ENDINGS)
        elif is_cases_file(path):
            each = [path]
        else:
            beside = (path.with_name(path.stem + ending) for ending in ENDINGS)
            each = [file for file in beside if tree.is_file(file)]
        found.update(dict.fromkeys(each))
    return list(found)


def read(path: Path, report: FileReport) -> CasesFile | None:
    """The file as it can be run; None when there is nothing to run. Everything wrong with it goes to `report`."""
    cases = open_cases(path, report)
    return None if cases is None else cases.checked(MappingOutlines(DISK))


def open_cases(path: Path, report: FileReport, tree: FileTree = DISK) -> OpenCases | None:
    """The file as it stands, not yet compared with its mapping; None when there is nothing in it."""
    try:
        content = tree.read(path)
    except OSError as error:
        report.add(BEGINNING, "unreadable-file", f"the file can't be read: {error.strerror or type(error).__name__}")
        return None
    node = parse(content, report)
    if isinstance(node, List):
        said = "a cases file must be a map, and this is a list: cases stand under `cases:`"
        report.add(place(node), "wrong-type", said, "begin with `version: 1` and `cases:`, and indent the list")
        return None
    if node is None:
        if not report.failed:
            report.add(BEGINNING, "missing-key", "the file is empty; a cases file has `cases:`")
        return None
    values = CASES_FILE.read(node, report)
    return None if values is None else OpenCases(path, values, report, tree)


class OpenCases:
    """A cases file as it stands: `mapping` is the file that it tests, `env` and `tables` are what it loads it with."""

    def __init__(self, path: Path, values: Values, report: FileReport, tree: FileTree) -> None:
        self._path = path
        self._values = values
        self._report = report
        self._tree = tree
        self._cases = [case for case in _list(values.get("cases")) if isinstance(case, Values)]
        env = values.get("env")
        self.mapping = self._mapping_file()
        self.env = {name: text.text for name, (_, text) in env.items()} if isinstance(env, dict) else {}
        self.tables = self._tables()

    @property
    def base_record(self) -> tuple[bytes | None, tuple[tuple[str, bytes | None], ...]]:
        """Key and headers of the message that the cases start from."""
        base = self.base_message("")
        return base.key, base.headers

    @property
    def base_file(self) -> str:
        """The file with the payload that the cases start from, as it is written; "" if there is none."""
        return _file_named(self._values.get("message"))

    @property
    def base_event(self) -> Mapping[str, object]:
        """The fields of the event that expected events start from."""
        return base_fields(self._values.get("event"), self._report)

    def base_message(self, topic: str) -> Message:
        """The message that the cases start from, without its payload; `topic` is the mapping's."""
        base = self._values.get("message")
        return without_payload(base if isinstance(base, Values) else None, topic)

    @property
    def payload_files(self) -> list[Path]:
        """The files that have the payloads of cases."""
        bases = [self._values, *self._cases]
        found = (_file_named(each.get("message")) for each in bases)
        return [self._path.parent / name for name in found if name]

    def checked(self, outlines: MappingOutlines) -> CasesFile:
        """The file as it can be run, compared with the mapping files that it names."""
        values, report = self._values, self._report
        others = self._conversations_from(outlines)
        facts = outlines.facts(self.mapping, others)
        self._check_tables(facts)
        env_node = values.node.get("env")
        env_place = place(env_node) if env_node is not None else beginning(values.node)
        base_told = told(_list(values.get("conversations")), facts.sources, report)
        cases = tuple(self._case(name, case, base_told, facts) for name, case in self._named())
        checks = event_checks(values.get("checks"), facts.rules, report)
        rules = facts.rules or frozenset()
        return CasesFile(self._path, self.mapping, self.env, env_place, self.tables, cases, others, checks, rules)

    def _mapping_file(self) -> Path:
        written, path, tree = self._values.get("mapping"), self._path, self._tree
        if isinstance(written, Scalar):
            name = written.text
        else:
            ending = next((ending for ending in ENDINGS if path.name.endswith(ending)), "")
            plain = path.name.removesuffix(ending)
            names = (f"{plain}{end}" for end in SUFFIXES)
            name = next((each for each in names if tree.is_file(path.with_name(each))), "")
        mapping = path.parent / name
        if not name or not tree.is_file(mapping):
            said = f"there is no mapping file {name or f'beside {path.name}'}"
            at = place(written) if isinstance(written, Scalar) else beginning(self._values.node)
            self._report.add(at, "unreadable-file", said, "name it: `mapping: x.yaml`, relative to this file")
        return mapping

    def _conversations_from(self, outlines: MappingOutlines) -> tuple[Path, ...]:
        """The other mapping files whose conversations the rules link to: those that are written, else those nearby that
        have the sources which the cases name."""
        if not self._values.has("conversations_from"):
            return outlines.files_with(named_sources(self._told_anywhere()), self.mapping)
        found = []
        for name in _list(self._values.get("conversations_from")):
            if not isinstance(name, Scalar):
                continue
            if self._tree.is_file(self._path.parent / name.text):
                found.append(Path(os.path.normpath(self._path.parent / name.text)))
            else:
                said = f"there is no mapping file {name.text}"
                self._report.add(place(name), "unreadable-file", said, "the path is relative to the cases file")
        return tuple(found)

    def _told_anywhere(self) -> Iterator[object]:
        """Every conversation that the file names."""
        yield from _list(self._values.get("conversations"))
        for case in self._cases:
            yield from _list(case.get("conversations"))
            expect = case.get("expect")
            yield from _list(expect.get("conversations") if isinstance(expect, Values) else None)

    def _tables(self) -> dict[str, Table]:
        tables, folder = self._values.get("tables"), self._path.parent
        written = {name: node for name, (_, node) in tables.items()} if isinstance(tables, dict) else {}
        read = (read_table(name, node, folder, self._tree, self._report) for name, node in written.items())
        return {table.name: table for table in read if table is not None}

    def _check_tables(self, facts: MappingFacts) -> None:
        tables = self._values.get("tables")
        for name, (key, _) in tables.items() if isinstance(tables, dict) and facts.rules is not None else ():
            if name not in facts.tables:
                hint = did_you_mean(name, facts.tables)
                self._report.add(place(key), "unknown-name", f"the mapping has no table `{name}`", hint)

    def _named(self) -> Iterator[tuple[str, Values]]:
        """The cases with their names, and a finding for each name that stands twice."""
        seen: dict[str, int] = {}
        for case in self._cases:
            written = case.get("name")
            name = written.text if isinstance(written, Scalar) else ""
            if isinstance(written, Scalar) and not name:
                hint = "say in a sentence what it shows"
                self._report.add(place(written), "missing-key", "the case has no `name`", hint)
            elif isinstance(written, Scalar) and name in seen:
                said = f"`{name}` is the name of the case in line {seen[name]}, too"
                self._report.add(place(written), "duplicate-name", said)
            seen.setdefault(name, case.node.line)
            yield name, case

    def _case(self, name: str, case: Values, base_told: tuple[ToldActivity, ...], facts: MappingFacts) -> Case:
        report = self._report
        base = self._values.get("message")
        beside = Beside(self._path.parent, self._tree)
        message = build(base if isinstance(base, Values) else None, case, beside, facts.topic, report)
        expected = expectation(case.get("expect"), self._values.get("event"), facts, report)
        own_told, link = case.get("conversations"), case.get("link")
        exact = case.get("exact") if case.has("exact") else self._values.get("exact")
        return Case(
            name,
            beginning(case.node),
            message,
            expected.events,
            expected.invalid,
            self._because(case, expected, facts),
            told(_list(own_told), facts.sources, report) if case.has("conversations") else base_told,
            expected.activities,
            link if isinstance(link, str) else None,
            exact is True,
            schema_of_payload(base if isinstance(base, Values) else None, case),
            expected.rows,
        )

    def _because(self, case: Values, expected: Expected, facts: MappingFacts) -> str | None:
        because = case.get("because")
        if not isinstance(because, Scalar):
            return None
        if expected.events or expected.invalid or expected.activities or expected.rows:
            said = "`because` says why nothing came; this case expects something"
            self._report.add(place(because), "bad-literal", said)
        elif facts.rules and because.text not in facts.conditions:
            hint = did_you_mean(because.text, facts.conditions)
            said = f"no rule of the mapping has the condition `{because.text}`"
            self._report.add(place(because), "unknown-name", said, hint)
        return because.text


def _file_named(message: object) -> str:
    file = message.get("file") if isinstance(message, Values) else None
    return file.text if isinstance(file, Scalar) else ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

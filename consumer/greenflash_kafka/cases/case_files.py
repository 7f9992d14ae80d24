"""Cases files on disk: found beside the mapping files, read, and tied to the mapping that they test."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.cases.case_message import PARTS, build, changes_of, merged
from greenflash_kafka.cases.case_spec import Case, CasesFile, ToldActivity
from greenflash_kafka.cases.expectation import Expected, expectation
from greenflash_kafka.cases.mapping_facts import MappingFacts, files_with, mapping_facts
from greenflash_kafka.cases.nodes import closed, items, text
from greenflash_kafka.cases.told import named_sources, told
from greenflash_kafka.documents.did_you_mean import closest_word, did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import BEGINNING, List, Map, Node, Scalar, beginning, place
from greenflash_kafka.model.conversations import RESULTS
from greenflash_kafka.rules.expressions.names import Table
from greenflash_kafka.rules.files import is_cases_file
from greenflash_kafka.rules.tables import read_table

_ENDINGS: Final = ("_test.yaml", "_test.yml")
_FILE_KEYS: Final = (
    "version",
    "mapping",
    "conversations_from",
    "env",
    "tables",
    "message",
    "event",
    "conversations",
    "cases",
)
_CASE_KEYS: Final = ("name", "message", "set", "unset", "conversations", "expect", "link", "because")


def find(paths: Iterable[Path]) -> list[Path]:
    """The cases files of these paths: those in and below a folder, a cases file itself, those beside a mapping file."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            each = sorted(file for file in path.rglob("*_test.y*ml") if is_cases_file(file) and not _hidden(file, path))
        elif is_cases_file(path):
            each = [path]
        else:
            beside = (path.with_name(path.stem + ending) for ending in _ENDINGS)
            each = [file for file in beside if file.exists()]
        found.update(dict.fromkeys(each))
    return list(found)


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def read(path: Path, report: FileReport) -> CasesFile | None:
    """The file as it can be run; None when there is nothing to run. Everything wrong with it goes to `report`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        report.add(BEGINNING, "unreadable-file", f"the file can't be read: {error.strerror or type(error).__name__}")
        return None
    node = parse(content, report)
    if isinstance(node, List):
        said = "a cases file must be a map, and this is a list: cases stand under `cases:`"
        report.add(place(node), "wrong-type", said, "begin with `version: 1` and `cases:`, and indent the list")
        return None
    root = closed(node, _FILE_KEYS, "a cases file", report)
    if root is None:
        if node is None and not report.failed:
            report.add(BEGINNING, "missing-key", "the file is empty; a cases file has `cases:`")
        return None
    _check_version(root, report)
    mapping = _mapping(root, path, report)
    others = _conversations_from(root, path, mapping, report)
    facts = mapping_facts(mapping, others)
    env_node = root.get("env")
    cases = root.get("cases")
    if cases is None:
        report.add(beginning(root), "missing-key", "a cases file has `cases:`")
    return CasesFile(
        path,
        mapping,
        _env(env_node, report),
        place(env_node) if env_node is not None else beginning(root),
        _tables(root.get("tables"), facts, path.parent, report),
        tuple(_cases(items(cases, "cases", report), root, facts, path.parent, report)),
        others,
    )


def _check_version(root: Map, report: FileReport) -> None:
    version = root.get("version")
    if version is None:
        report.add(beginning(root), "missing-key", "the file has no `version`", "begin with `version: 1`")
    elif not (isinstance(version, Scalar) and version.value == 1 and not isinstance(version.value, bool)):
        report.add(place(version), "bad-literal", "the only version of cases files is 1", "version: 1")


def _mapping(root: Map, path: Path, report: FileReport) -> Path:
    node = root.get("mapping")
    name = text(node, "mapping", report)
    if name is None:
        ending = next((ending for ending in _ENDINGS if path.name.endswith(ending)), "")
        plain = path.name.removesuffix(ending)
        name = next((f"{plain}{end}" for end in (".yaml", ".yml") if path.with_name(f"{plain}{end}").exists()), "")
    mapping = path.parent / name
    if not name or not mapping.is_file():
        said = f"there is no mapping file {name or f'beside {path.name}'}"
        at = place(node) if node is not None else beginning(root)
        report.add(at, "unreadable-file", said, "name it: `mapping: x.yaml`, relative to this file")
    return mapping


def _conversations_from(root: Map, path: Path, mapping: Path, report: FileReport) -> tuple[Path, ...]:
    """The other mapping files whose conversations the rules link to: those that are written, else those nearby that
    have the sources which the cases name."""
    if root.get("conversations_from") is None:
        return files_with(named_sources(_told_in(root)), mapping)
    found = []
    for node in items(root.get("conversations_from"), "conversations_from", report):
        name = text(node, "a file in `conversations_from`", report)
        if name is None:
            continue
        if (path.parent / name).is_file():
            found.append(Path(os.path.normpath(path.parent / name)))
        else:
            said = f"there is no mapping file {name}"
            report.add(place(node), "unreadable-file", said, "the path is relative to the cases file")
    return tuple(found)


def _told_in(root: Map) -> Iterator[Node | None]:
    """Every list of conversations in the file."""
    yield root.get("conversations")
    cases = root.get("cases")
    for case in cases.items if isinstance(cases, List) else ():
        if isinstance(case, Map):
            yield case.get("conversations")
            expect = case.get("expect")
            yield expect.get("conversations") if isinstance(expect, Map) else None


def _env(node: Node | None, report: FileReport) -> dict[str, str]:
    whole = _map(node, "env", report)
    found = {entry.key.text: text(entry.value, entry.key.text, report) for entry in (whole.entries if whole else ())}
    return {name: value for name, value in found.items() if value is not None}


def _tables(node: Node | None, facts: MappingFacts, folder: Path, report: FileReport) -> dict[str, Table]:
    whole = _map(node, "tables", report)
    found: dict[str, Table] = {}
    for entry in whole.entries if whole else ():
        name = entry.key.text
        if facts.rules is not None and name not in facts.tables:
            report.add(
                place(entry.key), "unknown-name", f"the mapping has no table `{name}`", did_you_mean(name, facts.tables)
            )
        table = read_table(name, entry.value, folder, Path.read_bytes, report)
        if table is not None:
            found[name] = table
    return found


def _map(node: Node | None, what: str, report: FileReport) -> Map | None:
    if node is None or isinstance(node, Map):
        return node
    report.add(place(node), "wrong-type", f"`{what}` must be a map")
    return None


def _cases(nodes: Sequence[Node], root: Map, facts: MappingFacts, folder: Path, report: FileReport) -> Iterable[Case]:
    base_message = closed(root.get("message"), PARTS, "`message`", report)
    base_event = _map(root.get("event"), "event", report)
    base_told = told(root.get("conversations"), facts.sources, report)
    seen: dict[str, int] = {}
    for node in nodes:
        case = closed(node, _CASE_KEYS, "a case", report)
        if case is None:
            continue
        name_node = case.get("name")
        name = text(name_node, "name", report) or ""
        if not name and not _misspelled("name", case):
            report.add(beginning(case), "missing-key", "the case has no `name`", "say in a sentence what it shows")
        elif name_node is not None and name in seen:
            said = f"`{name}` is the name of the case in line {seen[name]}, too"
            report.add(place(name_node), "duplicate-name", said)
        seen.setdefault(name, case.line)
        yield _case(name, case, _Base(base_message, base_event, base_told), facts, folder, report)


def _misspelled(key: str, case: Map) -> bool:
    """Whether an unknown key of the case, which has its finding, is probably this one."""
    words = (entry.key.text for entry in case.entries if entry.key.text not in _CASE_KEYS)
    return any(closest_word(word, _CASE_KEYS) == key for word in words)


class _Base(msgspec.Struct, frozen=True):
    """What the file says for all its cases."""

    message: Map | None
    event: Map | None
    told: tuple[ToldActivity, ...]


def _case(name: str, case: Map, base: _Base, facts: MappingFacts, folder: Path, report: FileReport) -> Case:
    own = closed(case.get("message"), PARTS, "`message`", report)
    changes = changes_of(case.get("set"), report)
    message = build(merged(base.message, own), changes, case.get("unset"), case, folder, facts.topic, report)
    expect = case.get("expect")
    if expect is None and not _misspelled("expect", case):
        hint = "write `expect: nothing`, or a list of events"
        report.add(beginning(case), "missing-key", "the case has no `expect`", hint)
    expected = expectation(expect, base.event, facts, report)
    link_node = case.get("link")
    link = text(link_node, "link", report)
    if link_node is not None and link is not None and link not in RESULTS:
        hint = did_you_mean(link, RESULTS) or f"one of {', '.join(RESULTS)}"
        report.add(place(link_node), "bad-literal", f"`{link}` is no result of linking", hint)
    own_told = case.get("conversations")
    return Case(
        name,
        beginning(case),
        message,
        expected.events,
        expected.invalid,
        _because(case.get("because"), expected, facts, report),
        base.told if own_told is None else told(own_told, facts.sources, report),
        expected.activities,
        link,
    )


def _because(node: Node | None, expected: Expected, facts: MappingFacts, report: FileReport) -> str | None:
    because = text(node, "because", report)
    if node is not None and (expected.events or expected.invalid or expected.activities):
        said = "`because` says why nothing came; this case expects something"
        report.add(place(node), "bad-literal", said)
    elif node is not None and because is not None and facts.rules and because not in facts.conditions:
        hint = did_you_mean(because, facts.conditions)
        report.add(place(node), "unknown-name", f"no rule of the mapping has the condition `{because}`", hint)
    return because

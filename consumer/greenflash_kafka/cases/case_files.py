"""Cases files on disk: found beside the mapping files, read, and tied to the mapping that they test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.cases.case_message import PARTS, build, changes_of, merged
from greenflash_kafka.cases.case_spec import Case, CasesFile
from greenflash_kafka.cases.expectation import expectation
from greenflash_kafka.cases.nodes import closed, items, text
from greenflash_kafka.rules.expressions.names import Table
from greenflash_kafka.rules.files import is_cases_file
from greenflash_kafka.rules.findings import FileReport, closest_word, did_you_mean
from greenflash_kafka.rules.tables import read_table
from greenflash_kafka.rules.yaml_document import parse
from greenflash_kafka.rules.yaml_nodes import BEGINNING, List, Map, Node, Scalar, beginning, place

_ENDINGS: Final = ("_test.yaml", "_test.yml")
_FILE_KEYS: Final = ("version", "mapping", "env", "tables", "message", "event", "cases")
_CASE_KEYS: Final = ("name", "message", "set", "unset", "expect", "because")


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


class MappingFacts(msgspec.Struct, frozen=True):
    """What cases need of a mapping's text: the one topic it reads ("" if several), and its rules (None: unreadable),
    tables and conditions by name."""

    topic: str = ""
    rules: frozenset[str] | None = None
    tables: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()


def read(path: Path, report: FileReport) -> CasesFile | None:
    """The file as it can be run; None when there is nothing to run. Everything wrong with it goes to `report`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        report.add(BEGINNING, "unreadable-file", f"the file can't be read: {error.strerror or type(error).__name__}")
        return None
    node = parse(content, report)
    root = closed(node, _FILE_KEYS, "a cases file", report)
    if root is None:
        if node is None and not report.failed:
            report.add(BEGINNING, "missing-key", "the file is empty; a cases file has `cases:`")
        return None
    _check_version(root, report)
    mapping = _mapping(root, path, report)
    facts = _facts(mapping)
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


def _facts(mapping: Path) -> MappingFacts:
    try:
        node = parse(mapping.read_bytes(), FileReport(str(mapping)))
    except OSError:
        return MappingFacts()
    if not isinstance(node, Map):
        return MappingFacts()
    source, rules = node.get("source"), node.get("rules")
    topics = source.get("topics") if isinstance(source, Map) else None
    names: Sequence[Node] = topics.items if isinstance(topics, List) else ()
    only = names[0] if len(names) == 1 else None
    topic = only.text if isinstance(only, Scalar) and not only.text.startswith("/") else ""
    tables = node.get("tables")
    table_names = frozenset(each.key.text for each in tables.entries) if isinstance(tables, Map) else frozenset()
    if not isinstance(rules, List):
        return MappingFacts(topic, None, table_names)
    found = [rule.get("name") for rule in rules.items if isinstance(rule, Map)]
    rule_names = frozenset(each.text for each in found if isinstance(each, Scalar))
    return MappingFacts(topic, rule_names, table_names, frozenset(_conditions(node)))


def _conditions(node: Node) -> Iterator[str]:
    """What can be the first to fail: paths as written under any `when`, and the words for everything else."""
    yield from ("where", "each", "valid", "first_match", "any", "all", "none")
    if isinstance(node, List):
        for item in node.items:
            yield from _conditions(item)
    for entry in node.entries if isinstance(node, Map) else ():
        if entry.key.text == "when":
            yield from _keys(entry.value)
        elif entry.key.text == "rules":
            yield from _conditions(entry.value)


def _keys(node: Node) -> Iterator[str]:
    if isinstance(node, List):
        for item in node.items:
            yield from _keys(item)
    for entry in node.entries if isinstance(node, Map) else ():
        yield entry.key.text
        if entry.key.text in ("any", "all", "none"):
            yield from _keys(entry.value)


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
        yield _case(name, case, base_message, base_event, facts, folder, report)


def _misspelled(key: str, case: Map) -> bool:
    """Whether an unknown key of the case, which has its finding, is probably this one."""
    words = (entry.key.text for entry in case.entries if entry.key.text not in _CASE_KEYS)
    return any(closest_word(word, _CASE_KEYS) == key for word in words)


def _case(
    name: str,
    case: Map,
    base_message: Map | None,
    base_event: Map | None,
    facts: MappingFacts,
    folder: Path,
    report: FileReport,
) -> Case:
    own = closed(case.get("message"), PARTS, "`message`", report)
    changes = changes_of(case.get("set"), report)
    message = build(merged(base_message, own), changes, case.get("unset"), case, folder, facts.topic, report)
    expect = case.get("expect")
    if expect is None and not _misspelled("expect", case):
        hint = "write `expect: nothing`, or a list of events"
        report.add(beginning(case), "missing-key", "the case has no `expect`", hint)
    events, invalid = expectation(expect, base_event, facts.rules, report)
    because_node = case.get("because")
    because = text(because_node, "because", report)
    if because_node is not None and (events or invalid):
        said = "`because` says why nothing came; this case expects something"
        report.add(place(because_node), "bad-literal", said)
    elif because_node is not None and because is not None and facts.rules and because not in facts.conditions:
        hint = did_you_mean(because, facts.conditions)
        report.add(place(because_node), "unknown-name", f"no rule of the mapping has the condition `{because}`", hint)
    return Case(name, beginning(case), message, events, invalid, because)

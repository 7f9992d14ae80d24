"""A message taken as a case that passes: added to a cases file, or the first of a new one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from greenflash_kafka.cases.case import Case, ToldActivity
from greenflash_kafka.cases.case_files import ENDINGS, OpenCases, open_cases
from greenflash_kafka.cases.case_rows import rows_of
from greenflash_kafka.cases.case_runner import (
    encoded_case,
    known_conversations,
    rules_of,
    run_case,
    telling_rules,
)
from greenflash_kafka.cases.case_variables import variables_beside
from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.cases_text import CasesText, NoPlace
from greenflash_kafka.cases.encoded_message import NotEncoded
from greenflash_kafka.cases.mapping_facts import MappingOutlines
from greenflash_kafka.cases.record_time import with_event_time
from greenflash_kafka.cases.write import expectation_map, message_map, told_map
from greenflash_kafka.documents.edited_tree import EditedTree
from greenflash_kafka.documents.file_tree import DISK
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.evaluate import explain
from greenflash_kafka.mappings.files import MappingLoader
from greenflash_kafka.mappings.value_compiler import NULL_UUID
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import resolve, resolve_activities
from greenflash_kafka.snapshot import Snapshot

_VARIABLE: Final = re.compile(r"the environment variable (\S+) ")
_PROBE: Final = "(taken)"


class TakenMessage(msgspec.Struct, frozen=True):
    """A message to take. `file` is where its payload is; None: it isn't in a file. `told`: the conversations that its
    links can find; None: those of the cases file."""

    message: Message
    file: Path | None = None
    told: Sequence[ToldActivity] | None = None


class Taken(msgspec.Struct, frozen=True):
    """The cases file with the case in it, and the case's name."""

    text: str
    name: str


def take_case(path: Path, content: str, mapping: Path, taken: TakenMessage, environ: Mapping[str, str]) -> Taken:
    """The text of the cases file at `path`, now `content` ("" for a new one), with the message as a case more. A new
    file tests `mapping`. Raises `NoPlace` if no case can be added that passes."""
    text = CasesText(content if content.strip() else _head(path, mapping))
    workspace = Workspace()
    _add_variables(path, text, environ, workspace)
    opened = _opened(path, text, {"name": _PROBE, "expect": "nothing", "message": {"payload": None}})
    base = opened.base_message(MappingOutlines(workspace.tree).facts(opened.mapping).topic)
    case: dict[str, Any] = {"name": _PROBE}
    if taken.told is not None:
        case["conversations"] = [told_map(each) for each in taken.told]
    file = None if taken.file is None else Path(os.path.relpath(taken.file, path.parent)).as_posix()
    parts = message_map(taken.message, base, file)
    if file is not None and opened.base_file == file:
        del parts["file"]
    case |= {"message": parts} if parts else {}
    _, message, snapshot, telling = _with_rules(path, text, {**case, "expect": "nothing"}, workspace)
    readings = snapshot.by_topic, snapshot.conversations_by_topic, telling.rows_by_topic
    if all(each[message.topic] is None for each in readings):
        raise NoPlace(f"{opened.mapping} doesn't read the topic {message.topic}")
    return _finished(path, text, case, opened.base_event, snapshot, taken, workspace)


def _head(path: Path, mapping: Path) -> str:
    """The beginning of a new file, which says its mapping file unless its name does."""
    implied = any(path.name == mapping.stem + ending for ending in ENDINGS) and _folder(path) == _folder(mapping)
    said = "" if implied else f"mapping: {Path(os.path.relpath(mapping, path.parent)).as_posix()}\n"
    return f"version: 1\n{said}"


def _folder(path: Path) -> Path:
    return path.resolve().parent


def _opened(path: Path, text: CasesText, case: Mapping[str, Any]) -> OpenCases:
    """The file with a case more, without changing the text."""
    more = CasesText(text.text)
    more.add_case(case)
    report = FileReport(str(path))
    opened = open_cases(path, report, EditedTree(DISK, {path: more.text.encode()}))
    if opened is None or report.failed:
        raise NoPlace(_said(report.findings) or f"{path} is no cases file")
    return opened


def _said(findings: Sequence[Finding]) -> str:
    return "\n".join(each.describe() for each in findings if each.severity == "error")


def _add_variables(path: Path, text: CasesText, environ: Mapping[str, str], workspace: Workspace) -> None:
    """Give the variables that the mapping reads and the file doesn't say: those of the cases beside, this machine's,
    else a placeholder."""
    opened = _opened(path, text, {"name": _PROBE, "expect": "nothing", "message": {"payload": None}})
    loader = MappingLoader(opened.env, tables=opened.tables, workspace=workspace)
    loader.add([opened.mapping])
    found = (
        _VARIABLE.match(each.message) for each in loader.loaded(whole=False).findings if each.code == "missing-env"
    )
    known = {**environ, **variables_beside(path.parent, workspace.tree)}
    text.add_variables({match[1]: known.get(match[1]) or NULL_UUID for match in found if match})


def _with_rules(
    path: Path, text: CasesText, case: Mapping[str, Any], workspace: Workspace
) -> tuple[Case, Message, Snapshot, Snapshot]:
    """The case as the file with it in has it, its message, the rules that it tests, and these with the tables that
    topics tell."""
    more = CasesText(text.text)
    more.add_case(case)
    report, findings = FileReport(str(path)), list[Finding]()
    workspace = workspace.edited({path: more.text.encode()})
    opened = open_cases(path, report, workspace.tree)
    if opened is not None:
        loader = MappingLoader(opened.env, tables=opened.tables, workspace=workspace)
        loader.add([opened.mapping])
        file = opened.checked(MappingOutlines(workspace.tree, loader))
        snapshot = rules_of(file, loader, findings) if not report.failed else None
        if snapshot is not None:
            found = next(each for each in file.cases if each.name == case["name"])
            telling = telling_rules(file, findings, workspace) or snapshot
            result, _ = run_case(file, found, snapshot, telling)
            if case["name"] != _PROBE and not result.passed:
                raise NoPlace(f"the case would fail in {path}:\n{result.difference}")
            try:
                message = encoded_case(file, found, telling).message
            except NotEncoded as error:
                raise NoPlace(str(error)) from None
            return found, with_event_time(message, snapshot) or message, snapshot, telling
    raise NoPlace(_said([*report.findings, *findings]))


def _finished(
    path: Path,
    text: CasesText,
    case: dict[str, Any],
    base: Mapping[str, object],
    snapshot: Snapshot,
    taken: TakenMessage,
    workspace: Workspace,
) -> Taken:
    """The case with what is expected, and a name; it is run before it is added."""
    probe, message, _, telling = _with_rules(path, text, {**case, "expect": "nothing"}, workspace)
    with known_conversations(snapshot, probe.conversations) as (knowing, _):
        outcome, activities = resolve(message, knowing), resolve_activities(message, knowing)
        conditions = list(_failed(message, knowing))
    rows, more = rows_of(message, telling)
    problems = tuple(dict.fromkeys((*outcome.problems, *activities.problems, *more)))
    outcome = msgspec.structs.replace(outcome, problems=problems)
    expect = expectation_map(message, outcome, CONTEXT, activities.found, base, rows)
    reasons = [*conditions, None] if expect == "nothing" else [None]
    for because in reasons:
        told = "reports a conversation" if activities.found else "gives a row" if rows else ""
        words = _name(taken, outcome, because, told)
        whole = {"name": _unique(words, text.names), **{key: case[key] for key in case if key != "name"}}
        whole |= {"expect": expect} | ({} if because is None else {"because": because})
        try:
            _with_rules(path, text, whole, workspace)
        except NoPlace:
            if because is None:
                raise
        else:
            text.add_case(whole)
            break
    return Taken(text.text, whole["name"])


def _failed(message: Message, snapshot: Snapshot) -> Iterator[str]:
    """The conditions that failed, that of the rule which came furthest first."""
    order = {info.name: [each.name for each in info.conditions] for info in snapshot.ruleset.infos}
    found: list[tuple[int, str]] = []
    for each in explain(message, snapshot):
        if each.result == "failed" and each.condition:
            names = order.get(each.rule, [])
            depth = names.index(each.condition) if each.condition in names else len(names)
            found.append((depth, each.condition))
    yield from dict.fromkeys(condition for _, condition in sorted(found, key=lambda each: -each[0]))


def _name(taken: TakenMessage, outcome: Outcome, because: str | None, told: str) -> str:
    """What the message is, and what becomes of it; `told`: what it says beside events."""
    subject = f"a message from {taken.message.topic}" if taken.file is None else taken.file.name
    if taken.message.value is None:
        subject = "a tombstone"
    if outcome.problems:
        first = outcome.problems[0]
        return f"{subject} is invalid: {first.code}" + (f" in {first.field}" if first.field else "")
    if outcome.events:
        types = list(dict.fromkeys(str(each.fields["event_type"]) for each in outcome.events))
        count = f"{len(outcome.events)} events: " if len(outcome.events) > 1 else ""
        return f"{subject} gives {count}{', '.join(types[:3])}"
    if told:
        return f"{subject} {told}"
    return f"{subject} gives nothing" + (f" because of {because}" if because else "")


def _unique(name: str, names: set[str]) -> str:
    number, found = 2, name
    while found in names:
        found = f"{name} ({number})"
        number += 1
    return found

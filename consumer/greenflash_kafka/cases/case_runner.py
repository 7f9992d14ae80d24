"""Running cases through the very `evaluate` that production runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.cases.asked import AskedConversations
from greenflash_kafka.cases.case import Case, CasesFile, ToldActivity
from greenflash_kafka.cases.case_files import find, open_cases
from greenflash_kafka.cases.case_rows import rows_of
from greenflash_kafka.cases.case_schemas import schemas_beside
from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.compare import difference, result
from greenflash_kafka.cases.encoded_message import NotEncoded, encoded
from greenflash_kafka.cases.link_reasons import Searched, link_words, search_lines, searched, unasked
from greenflash_kafka.cases.mapping_facts import MappingOutlines
from greenflash_kafka.cases.observed import Observed
from greenflash_kafka.cases.outline import MappingOutline
from greenflash_kafka.cases.reasons import reasons
from greenflash_kafka.cases.record_time import with_event_time
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.evaluate import explain
from greenflash_kafka.explanations.full_explanation import explain_fully
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.mappings.cases_names import is_cases_file
from greenflash_kafka.mappings.files import MappingLoader
from greenflash_kafka.mappings.mapping_files import mapping_files
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.model.decoded import skipped_words
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import resolve, resolve_activities
from greenflash_kafka.snapshot import Snapshot

NO_SOURCES: Final = (
    "no conversation source is known: name the mapping file that has it by `conversations_from: [../chat/x.yaml]`"
)

_CONVERSATION: Final = ("conversation_id", "external_conversation_id")


class CaseResult(msgspec.Struct, frozen=True):
    """One case and how it went: `difference` is "" when it passed, else what to show."""

    file: str
    line: int
    column: int
    name: str
    difference: str

    @property
    def passed(self) -> bool:
        """Whether everything was as expected."""
        return not self.difference


class CaseResults(msgspec.Struct, frozen=True):
    """All cases; what is wrong with the files themselves; the mapping files that have no cases; and the cases files,
    each with what came of its cases."""

    results: tuple[CaseResult, ...]
    findings: tuple[Finding, ...]
    without_cases: tuple[str, ...]
    ran: tuple[tuple[CasesFile, tuple[Observed, ...]], ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing failed and no file is broken."""
        return all(each.passed for each in self.results) and not any(each.severity == "error" for each in self.findings)


def run(
    paths: Sequence[Path], wanted: Callable[[str], bool] = lambda _: True, workspace: Workspace | None = None
) -> CaseResults:
    """Run the cases of these mapping files, folders or cases files whose names are `wanted`."""
    workspace = workspace or Workspace()
    tree = workspace.tree
    results: list[CaseResult] = []
    findings: list[Finding] = []
    tested: set[Path] = set()
    ran: list[tuple[CasesFile, tuple[Observed, ...]]] = []
    near: dict[Path, MappingOutline | None] = {}
    for path in find(paths, tree):
        report = FileReport(str(path))
        opened = open_cases(path, report, tree)
        if opened is not None:
            tested.add(tree.real(opened.mapping))
            loader = MappingLoader(opened.env, tables=opened.tables, workspace=workspace)
            loader.add([opened.mapping])
            file = opened.checked(MappingOutlines(tree, loader, near))
        findings += report.findings
        if opened is not None and not report.failed:
            run = _run_file(file, loader, wanted, findings, workspace)
            results += [each for each, _ in run]
            ran.append((file, tuple(seen for _, seen in run)))
    without = [path for path in mappings_in(paths, tree) if tree.real(path) not in tested]
    return CaseResults(tuple(results), tuple(dict.fromkeys(findings)), tuple(map(str, without)), tuple(ran))


def mappings_in(paths: Sequence[Path], tree: FileTree = DISK) -> list[Path]:
    """The mapping files of these paths, which may be cases files, too."""
    given = [path for path in paths if not is_cases_file(path)]
    return [path for path, missing in mapping_files(given, tree) if not missing]


def _run_file(
    file: CasesFile,
    loader: MappingLoader,
    wanted: Callable[[str], bool],
    findings: list[Finding],
    workspace: Workspace,
) -> list[tuple[CaseResult, Observed]]:
    cases = [case for case in file.cases if wanted(case.name)]
    if not cases:
        return []
    snapshot = rules_of(file, loader, findings)
    telling = telling_rules(file, findings, workspace) if any(case.rows for case in cases) else None
    if snapshot is None:
        return []
    return [run_case(file, case, snapshot, telling) for case in cases]


def telling_rules(file: CasesFile, findings: list[Finding], workspace: Workspace) -> Snapshot | None:
    """The rules with the tables that topics tell, where the cases give tables in their place; None where they give
    none."""
    if not file.tables:
        return None
    plain = MappingLoader(file.env, workspace=workspace)
    plain.add([file.mapping])
    return rules_of(file, plain, findings)


def rules_of(file: CasesFile, loader: MappingLoader, findings: list[Finding]) -> Snapshot | None:
    """The rules that a cases file tests, in the context of cases; None after findings, which are added. `loader` has
    its mapping file."""
    loader.add(file.conversations_from)
    loaded = loader.loaded(whole=False, conversations_only=file.conversations_from)
    # A warning is lint's to tell; here it would hide the diff.
    findings += [_here(each, file) for each in loaded.findings if each.severity == "error"]
    if loaded.ruleset is None:
        return None
    schemas = schemas_beside([file.mapping], loader.tree, needed=any(case.schema for case in file.cases))
    return Snapshot(loaded.ruleset, CONTEXT, schemas=schemas)


def run_case(
    file: CasesFile, case: Case, snapshot: Snapshot, telling: Snapshot | None = None
) -> tuple[CaseResult, Observed]:
    """Run one case under the rules of `rules_of`. `telling` has the tables that topics tell, if not these rules; it
    says how these topics are read, too."""
    telling = telling or snapshot
    try:
        case = encoded_case(file, case, telling)
    except NotEncoded as error:
        seen = Observed(case.name, False, (), [])
        return CaseResult(str(file.path), case.place.line, case.place.column, case.name, str(error)), seen
    timed = with_event_time(case.message, snapshot)
    if timed is not None:
        case = msgspec.structs.replace(case, message=timed)
    with known_conversations(snapshot, case.conversations) as (knowing, asked):
        found, events = _check(case, knowing, asked, telling)
        seen = Observed(case.name, False, events, explain(case.message, knowing))
    return CaseResult(str(file.path), case.place.line, case.place.column, case.name, found), seen


def encoded_case(file: CasesFile, case: Case, snapshot: Snapshot) -> Case:
    """The case with its message as the topic has it. Raises NotEncoded."""
    if case.schema == "":
        return case
    message = encoded(case.message, snapshot, case.schema, file.path.parent)
    return case if message is case.message else msgspec.structs.replace(case, message=message)


def _here(finding: Finding, file: CasesFile) -> Finding:
    """A variable that the mapping needs is missing in the cases file, not in the mapping."""
    if finding.code != "missing-env":
        return finding
    hint = "write it under `env:`; the machine's own variables are never read here"
    return Finding(str(file.path), *file.env_place, finding.code, finding.severity, finding.message, hint)


@contextmanager
def known_conversations(
    snapshot: Snapshot, told: Sequence[ToldActivity]
) -> Iterator[tuple[Snapshot, AskedConversations | None]]:
    """The rules with these conversations for their links to find, and the questions that they ask; None if no source of
    conversations is known."""
    if not snapshot.ruleset.sources:
        yield snapshot, None
        return
    given = GivenConversations(snapshot.ruleset.sources, [(each.activity, each.logged) for each in told])
    try:
        asked = AskedConversations(given)
        yield snapshot.with_context(msgspec.structs.replace(CONTEXT, conversations=asked)), asked
    finally:
        given.close()


def _check(
    case: Case, snapshot: Snapshot, asked: AskedConversations | None, telling: Snapshot
) -> tuple[str, Sequence[Event]]:
    """What is different from what the case expects, "" when nothing is; and the events that came."""
    outcome = resolve(case.message, snapshot)
    return _different(case, outcome, snapshot, asked, telling), outcome.events


def _different(
    case: Case, outcome: Outcome, snapshot: Snapshot, asked: AskedConversations | None, telling: Snapshot
) -> str:
    activities = resolve_activities(case.message, snapshot)
    rows, problems = rows_of(case.message, telling)
    if problems:
        outcome = msgspec.structs.replace(outcome, problems=tuple(dict.fromkeys((*outcome.problems, *problems))))
    searches = () if asked is None else searched(asked)
    found = difference(case, outcome, CONTEXT, activities, rows)
    if found:
        found += _reasons(case, outcome, snapshot if case.rows is None else telling)
        return found + _link_reasons(case, outcome, searches)
    if case.because is None:
        return ""
    explanations = explain(case.message, snapshot)
    if any(each.result == "failed" and each.condition == case.because for each in explanations):
        return ""
    said = f"nothing came, but not because of `{case.because}`:"
    return "\n".join([said, *(f"  {line}" for line in _explained(case, snapshot))])


def _reasons(case: Case, outcome: Outcome, snapshot: Snapshot) -> str:
    """What decided: the fields without a value of events that came, else every rule; "" if nothing is known."""
    explained = explain_fully(case.message, snapshot)
    if outcome.events and case.events:
        explained = [each for each in explained if each.fields]
        if not explained:
            return ""
    elif outcome.events:
        explained = [each for each in explained if each.explanation.result != "failed"]
    nothing = "no rule reads this topic" if outcome.skipped is None else skipped_words(outcome.skipped)
    lines = reasons(explained) or [nothing]
    return "\n".join(["", "why:", *(f"  {line}" for line in lines)])


def _explained(case: Case, snapshot: Snapshot) -> list[str]:
    return reasons(explain_fully(case.message, snapshot)) or ["no rule reads this topic"]


def _link_reasons(case: Case, outcome: Outcome, searches: Sequence[Searched]) -> str:
    """Why the events have other conversations than they should; "" if that isn't so."""
    lines: list[str] = []
    for number, (expected, event) in enumerate(zip(case.events, outcome.events, strict=False), 1):
        got = event.fields
        named = [name for name in _CONVERSATION if case.exact or name in expected.fields or name in expected.absent]
        other = any(expected.fields.get(name) != got.get(name) for name in named)
        if other or (case.link is not None and case.link != result(event)):
            lines.append(f"  event {number}: {link_words(event.link)}")
    if not lines:
        return ""
    if any(event.link is not None and event.link.result == "not-ready" for event in outcome.events):
        lines.append(f"  {NO_SOURCES}")
    for each in searches:
        lines += [f"  {line}" for line in search_lines(each)]
    if searches:
        lines += [f"    {line}" for line in unasked(case.conversations, searches)]
    return "\n".join(["", "about its conversation:", *lines])

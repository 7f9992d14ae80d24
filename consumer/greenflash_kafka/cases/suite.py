"""All that `test` runs: cases, samples, and the checks over both; and why nothing ran, if nothing did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from greenflash_kafka.cases.case import CasesFile
from greenflash_kafka.cases.case_coverage import untested_rules
from greenflash_kafka.cases.case_runner import CaseResult, CaseResults, mappings_in, run
from greenflash_kafka.cases.event_checks import failures
from greenflash_kafka.cases.observed import Observed
from greenflash_kafka.cases.sample_runner import SampleResults, run_samples
from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_nodes import BEGINNING
from greenflash_kafka.mappings.cases_names import right_name
from greenflash_kafka.mappings.workspace import Workspace


class SuiteResults(msgspec.Struct, frozen=True):
    """Results of cases, samples and checks. `written` are the snapshots that were written or removed; `nothing` says
    why nothing ran, "" if something did."""

    results: tuple[CaseResult, ...]
    findings: tuple[Finding, ...]
    without_cases: tuple[str, ...]
    written: tuple[str, ...] = ()
    nothing: str = ""

    @property
    def passed(self) -> bool:
        """Whether something ran, nothing failed and no file is broken."""
        broken = any(each.severity == "error" for each in self.findings)
        return not self.nothing and not broken and all(each.passed for each in self.results)


def run_suite(
    paths: Sequence[Path],
    word: str = "",
    *,
    update: bool = False,
    strict: bool = False,
    workspace: Workspace | None = None,
) -> SuiteResults:
    """Run the cases and samples of these mapping files, folders or cases files whose names hold the word, capitals
    ignored. `update` writes snapshots that differ; `strict` finds rules that nothing tests. `workspace`: where
    the files are, on disk if not said; snapshots are written to disk."""
    workspace = workspace or Workspace()
    misnamed = list(_misnamed(paths, workspace.tree))
    wrong = {Path(each.file) for each in misnamed}
    mappings = [path for path in mappings_in(paths, workspace.tree) if path not in wrong]
    wanted = _wanted(word)
    cases = run(paths, wanted, workspace)
    samples = run_samples(mappings, wanted, update=update, workspace=workspace)
    checks = [] if word else [each for file, seen in cases.ran for each in _checked(file, seen, samples)]
    findings = list(dict.fromkeys((*misnamed, *cases.findings, *samples.findings)))
    observed = [*(each for _, seen in cases.ran for each in seen), *samples.observed]
    if strict and not any(each.severity == "error" for each in findings):
        findings += untested_rules(mappings, observed, workspace)
    results = (*cases.results, *samples.results, *checks)
    without = _without(cases, samples, wrong)
    nothing = "" if results else _nothing(paths, word)
    return SuiteResults(results, tuple(findings), without, tuple(samples.written), nothing)


def _wanted(word: str) -> Callable[[str], bool]:
    return lambda name: word.casefold() in name.casefold()


def _misnamed(paths: Sequence[Path], tree: FileTree) -> Iterator[Finding]:
    for path in mappings_in(paths, tree):
        try:
            name = right_name(path, tree.read(path), tree)
        except OSError:
            continue
        if name:
            report = FileReport(str(path))
            said = "this file holds cases, and isn't run: the name of a cases file ends in _test.yaml"
            report.add(BEGINNING, "misnamed-cases", said, f"rename it: {name}")
            yield from report.findings


def _without(cases: CaseResults, samples: SampleResults, wrong: set[Path]) -> tuple[str, ...]:
    """The mapping files without cases of which no sample is run either."""
    sampled = {explained.file for each in samples.observed for explained in each.explanations}
    return tuple(file for file in cases.without_cases if Path(file) not in wrong and file not in sampled)


def _checked(file: CasesFile, seen: Sequence[Observed], samples: SampleResults) -> Iterator[CaseResult]:
    """The checks of a cases file, over its cases and the samples of its mapping."""
    for check in file.checks:
        found = failures(check, (*seen, *samples.observed), file.rules)
        yield CaseResult(str(file.path), check.place.line, check.place.column, f"check {check.words}", found)


def _nothing(paths: Sequence[Path], word: str) -> str:
    """Why nothing ran."""
    looked = ", ".join(map(str, paths))
    if word:
        return f"No cases were run: no case or sample in {looked} has a name that holds {word!r}."
    return (
        f"No cases were run: in {looked} there is no cases file (x_test.yaml beside x.yaml) with a case, and no sample"
        " (samples/*.json). Take a message as the first case with `greenflash-kafka try --case x_test.yaml`."
    )

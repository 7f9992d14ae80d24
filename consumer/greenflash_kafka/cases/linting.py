"""Lint over everything an analyst writes: mapping files, and the cases files beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from greenflash_kafka.advice.all_advice import advise
from greenflash_kafka.cases.case_files import find, open_cases
from greenflash_kafka.cases.mapping_facts import MappingOutlines
from greenflash_kafka.cases.open_questions import advise_on_open_questions
from greenflash_kafka.cases.sample_advice.all_sample_advice import advise_on_samples
from greenflash_kafka.cases.schema_linting import lint_schemas
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.loading import hold_to_plan
from greenflash_kafka.mappings.cases_names import is_cases_file
from greenflash_kafka.mappings.files import MappingLoader
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.schemas.folder import SchemaFolder


class Linted(msgspec.Struct, frozen=True):
    """Every finding of files and folders, by file and place; and the rules, if there are any without errors."""

    findings: tuple[Finding, ...]
    ruleset: Ruleset | None


def lint(
    paths: Sequence[Path],
    environ: Mapping[str, str],
    dead_letters: str | None = None,
    samples: Sequence[Path] = (),
    *,
    registry: bool | None = None,
    folder: SchemaFolder | None = None,
    workspace: Workspace | None = None,
) -> Linted:
    """Look at these files and folders. A variable that is neither set here nor given by the `env` of a cases file is a
    warning. `dead_letters` is the dead-letter topic, where that is known; `samples` are folders of samples beside those
    that lie beside the mapping files. `registry`: whether the configuration, where there is one, names a schema
    registry; `folder`: the schemas to look at in place of those beside the mapping files.
    `workspace`: where the files are, and what has been compiled of them; on disk, and nothing, if not said."""
    workspace = workspace or Workspace()
    tree = workspace.tree
    findings: dict[Finding, None] = {}
    reports = [FileReport(str(path)) for path in find(paths, tree)]
    opened = [cases for report in reports if (cases := open_cases(Path(report.file), report, tree)) is not None]
    mappings = [path for path in paths if not is_cases_file(path)]
    # Who wrote a variable into the cases knows of it, and need not have it here; what nobody knows may be misspelt.
    declared = {name: value for cases in opened for name, value in cases.env.items()}
    loader = MappingLoader({**declared, **environ}, strict_env=False, workspace=workspace)
    loader.add(mappings)
    plan = hold_to_plan(loader, mappings)
    advise(loader.files, planned=bool(plan.files))
    for file in loader.files:
        advise_on_open_questions(file, tree)
    outlines = MappingOutlines(tree, loader)
    linked = [path for cases in opened for path in cases.checked(outlines).conversations_from]
    for report in reports:
        findings.update(dict.fromkeys(report.findings))
    ruleset = None
    if mappings:
        # Of conversations in files that aren't looked at nothing is known.
        loaded = loader.loaded(dead_letters=dead_letters, whole=all(map(loader.has, linked)))
        findings.update(dict.fromkeys(loaded.findings))
        ruleset = loaded.ruleset
        if ruleset is not None:
            for each in _of_files(loader.files):
                findings.pop(each, None)  # samples may tell more of it
            advise_on_samples(loader.files, ruleset, samples, folder, tree)
            lint_schemas(loader.files, registry=registry, folder=folder, tree=tree)
            findings.update(dict.fromkeys(_of_files(loader.files)))
    return Linted(tuple(sorted(findings)), ruleset)


def _of_files(files: Iterable[Understood]) -> list[Finding]:
    return [each for file in files for each in file.report.findings]

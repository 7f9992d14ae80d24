"""Lint over everything an analyst writes: mapping files, and the cases files beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from greenflash_kafka.cases.case_files import find, read
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.rules.files import is_cases_file, load, mapping_files
from greenflash_kafka.rules.ruleset import Ruleset


class Linted(msgspec.Struct, frozen=True):
    """Every finding of files and folders, by file and place; and the rules, if there are any without errors."""

    findings: tuple[Finding, ...]
    ruleset: Ruleset | None


def lint(paths: Sequence[Path], environ: Mapping[str, str], dead_letters: str | None = None) -> list[Finding]:
    """Every finding, as `lint_all` has them."""
    return list(lint_all(paths, environ, dead_letters).findings)


def lint_all(paths: Sequence[Path], environ: Mapping[str, str], dead_letters: str | None = None) -> Linted:
    """Look at these files and folders. A variable that is neither set here nor given by the `env` of a cases file is a
    warning. `dead_letters` is the dead-letter topic, where that is known."""
    findings: dict[Finding, None] = {}
    declared: dict[str, str] = {}
    linked: set[Path] = set()
    for path in find(paths):
        report = FileReport(str(path))
        cases = read(path, report)
        declared |= cases.env if cases is not None else {}
        linked.update(each.resolve() for each in (cases.conversations_from if cases is not None else ()))
        findings.update(dict.fromkeys(report.findings))
    mappings = [path for path in paths if not is_cases_file(path)]
    ruleset = None
    if mappings:
        # Who wrote a variable into the cases knows of it, and need not have it here; what nobody knows may be misspelt.
        environ = {**declared, **environ}
        # Of conversations in files that aren't looked at nothing is known.
        whole = linked <= {path.resolve() for path, _ in mapping_files(mappings)}
        loaded = load(mappings, environ, strict_env=False, dead_letters=dead_letters, whole=whole)
        findings.update(dict.fromkeys(loaded.findings))
        ruleset = loaded.ruleset
    return Linted(tuple(sorted(findings)), ruleset)

"""Lint over everything an analyst writes: mapping files, and the cases files beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from greenflash_kafka.cases.case_files import find, read
from greenflash_kafka.rules.files import is_cases_file, load
from greenflash_kafka.rules.findings import FileReport, Finding


def lint(paths: Sequence[Path], environ: Mapping[str, str], dead_letters: str | None = None) -> list[Finding]:
    """Every finding of these files and folders, by file and place. A variable that is neither set here nor given by
    the `env` of a cases file is a warning. `dead_letters` is the dead-letter topic, where that is known."""
    findings: dict[Finding, None] = {}
    declared: dict[str, str] = {}
    for path in find(paths):
        report = FileReport(str(path))
        cases = read(path, report)
        declared |= cases.env if cases is not None else {}
        findings.update(dict.fromkeys(report.findings))
    mappings = [path for path in paths if not is_cases_file(path)]
    if mappings:
        # Who wrote a variable into the cases knows of it, and need not have it here; what nobody knows may be misspelt.
        loaded = load(mappings, {**declared, **environ}, strict_env=False, dead_letters=dead_letters)
        findings.update(dict.fromkeys(loaded.findings))
    return sorted(findings)

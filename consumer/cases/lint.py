"""Lint over everything an analyst writes: mapping files, and the cases files beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from consumer.cases.files import find, read
from consumer.rules.files import is_cases_file, load
from consumer.rules.findings import Finding, Report


def lint(paths: Sequence[Path], environ: Mapping[str, str], dead_letters: str | None = None) -> list[Finding]:
    """Every finding of these files and folders, by file and place. Variables that aren't set here are warnings.
    `dead_letters` is the dead-letter topic, where that is known."""
    findings: dict[Finding, None] = {}
    mappings = [path for path in paths if not is_cases_file(path)]
    if mappings:
        loaded = load(mappings, environ, strict_env=False, dead_letters=dead_letters)
        findings.update(dict.fromkeys(loaded.findings))
    for path in find(paths):
        report = Report(str(path))
        read(path, report)
        findings.update(dict.fromkeys(report.findings))
    return sorted(findings)

"""The conditions of `coverage --fail-on`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from greenflash_kafka.coverage.coverage_report import CoverageReport

CONDITIONS: Final[dict[str, Callable[[CoverageReport], bool]]] = {
    "new": lambda report: any(each.new for _, _, each in report.unmatched),
    "drift": lambda report: bool(report.drift),
    "unmatched": lambda report: next(report.unmatched, None) is not None,
}

OF_BASELINE: Final = ("new", "drift")
"""Those that compare with a baseline."""


def check_conditions(names: Sequence[str], *, baseline: bool) -> None:
    """Raise ValueError for a name that is none of CONDITIONS, or needs a baseline that isn't there."""
    for name in names:
        if name not in CONDITIONS:
            raise ValueError(f"{name!r} is none of {', '.join(CONDITIONS)}")
        if name in OF_BASELINE and not baseline:
            raise ValueError(f"{name} compares with an earlier report: add --baseline FILE")


def holding(report: CoverageReport, names: Sequence[str]) -> list[str]:
    """Those of these conditions that hold."""
    return [name for name in names if CONDITIONS[name](report)]

"""Comparison of a report with an earlier one: event names that are new, and shares that aren't as they were."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.coverage.coverage_report import CoverageReport, Drift, EventName

FEW: Final = 30
"""With fewer messages on either side nothing is said about a share."""

LEAST: Final = 0.05
"""Shares that differ by less are the same."""

SIGMAS: Final = 4.0
"""So many standard errors is a difference at least: by chance one of 16,000 is."""


def compared(report: CoverageReport, baseline: CoverageReport) -> CoverageReport:
    """The report, with what is new and what has drifted since the baseline."""
    topics = {}
    for topic, each in report.topics.items():
        was = baseline.topics.get(topic)
        known = {} if was is None else was.names
        names = {name: replace(found, new=_new(found, name in known)) for name, found in each.names.items()}
        topics[topic] = replace(each, names=names)
    return replace(report, topics=topics, drift=(*_paths(report, baseline), *_rules(report, baseline)))


def _new(name: EventName, known: bool) -> bool:
    return name.status == "none" and not known


def _paths(report: CoverageReport, baseline: CoverageReport) -> Iterator[Drift]:
    before = {(each.rule, each.of, each.path): each for each in baseline.paths}
    for each in report.paths:
        was = before.get((each.rule, each.of, each.path))
        if was is None or min(was.asked, each.asked) < FEW:
            continue
        if differs(was.missing, was.asked, each.missing, each.asked):
            shares = was.missing / was.asked, each.missing / each.asked
            since = each.first_missing if shares[1] > shares[0] else None
            yield Drift(each.file, each.rule, each.of, each.path, *shares, since)


def _rules(report: CoverageReport, baseline: CoverageReport) -> Iterator[Drift]:
    """Rules that took messages and take none any more, though they should have."""
    before = {each.rule: each for each in baseline.rules}
    for each in report.rules:
        was = before.get(each.rule)
        if was is None or each.taken or not baseline.messages:
            continue
        share = was.taken / baseline.messages
        if share * report.messages >= FEW:
            yield Drift(each.file, each.rule, "rule", "", share, 0.0)


def differs(was: int, of_was: int, now: int, of_now: int) -> bool:
    """Whether two shares differ by more than LEAST, and than chance explains."""
    difference = abs(was / of_was - now / of_now)
    both = (was + now) / (of_was + of_now)
    error = sqrt(both * (1 - both) * (1 / of_was + 1 / of_now))
    return difference >= LEAST and difference > SIGMAS * error

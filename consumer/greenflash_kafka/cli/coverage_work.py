"""The work of `coverage`: one pass over history."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from greenflash_kafka.cli.coverage_links import Shares, shares
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.cli.mapping_paths import mapping_paths
from greenflash_kafka.cli.open_history import HistoryFlags, mappings_of, opened
from greenflash_kafka.cli.rule_sets import ruleset
from greenflash_kafka.coverage.coverage_counter import CoverageCounter
from greenflash_kafka.coverage.coverage_report import CoverageReport, made_report, read_report
from greenflash_kafka.coverage.coverage_text import as_text
from greenflash_kafka.coverage.drift import compared
from greenflash_kafka.coverage.fail_on import check_conditions, holding
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.terminal import is_terminal

INTERRUPTED: Final = 130


class CoverageFlags(msgspec.Struct, frozen=True):
    """What the flags say beside the window. `topics` empty: all that rules read."""

    paths: Sequence[Path] = ()
    topics: Sequence[str] = ()
    baseline: Path | None = None
    links: bool = True
    as_json: bool = False
    fail_on: str = ""


def show_coverage(given: CoverageFlags, flags: Mapping[str, Any]) -> int:
    """Count, and print the report; the exit code. `flags` are those of `HistoryFlags`. Raises what `opened` does,
    MappingsInvalid, and click's usage error."""
    conditions = [each.strip() for each in given.fail_on.split(",") if each.strip()]
    try:
        check_conditions(conditions, baseline=given.baseline is not None)
    except ValueError as error:
        raise click.UsageError(f"--fail-on: {error}") from None
    baseline = None if given.baseline is None else _baseline(given.baseline)
    window = HistoryFlags(**flags)
    rules = ruleset("the mapping files", mapping_paths(given.paths or mappings_of(window)), os.environ)
    report = _counted(rules.with_drafts_muted(), window, given)
    if baseline is not None:
        report = compared(report, baseline)
    click.echo(report.to_json() if given.as_json else as_text(report))
    failed = holding(report, conditions)
    if failed:
        click.echo(f"--fail-on: {', '.join(failed)}", err=True)
    return INTERRUPTED if report.partial else int(bool(failed))


def _baseline(path: Path) -> CoverageReport:
    try:
        return read_report(path.read_bytes())
    except (OSError, ValueError) as error:
        said = f"--baseline {path} is no report of `coverage --json`: {error}"
        raise click.UsageError(said) from None


def _counted(rules: Ruleset, flags: HistoryFlags, given: CoverageFlags) -> CoverageReport:
    names, patterns = (list(given.topics), []) if given.topics else (list(rules.topics), list(rules.patterns))
    partial = False

    def wanted(topic: str) -> bool:
        return rules.rules_for(topic) is not None

    with opened(flags, names, patterns, wanted=wanted, all_there=False) as source:
        snapshot = compared_snapshot(rules, source.config, source.cluster_id, dict(source.topic_ids), os.environ)
        counter = CoverageCounter(snapshot)
        total = sum(each.count for each in source.ranges)
        try:
            for messages in source.messages():
                counter.add(messages)
                _progress(counter, total)
        except KeyboardInterrupt:
            partial = True
        if is_terminal(sys.stderr):
            reads = ", reading conversations" if given.links and counter.counts.links and not partial else ""
            sys.stderr.write(f"{reads}\n")
            sys.stderr.flush()
        missing = source.history.missing if isinstance(source.history, KafkaHistory) else ()
    links = shares(counter.counts.links, flags, snapshot) if given.links and not partial else Shares()
    # A topic without messages in the window has rules that match nothing.
    topics = {*counter.counts.topics, *(each.topic for each in source.ranges), *filter(wanted, names)}
    notes = [f"the topic {name} isn't there" for name in source.absent]
    notes += [f"no rule reads the topic {name}" for name in source.unwanted]
    return made_report(
        f"greenflash-kafka {version('greenflash-kafka')}",
        rules,
        counter.counts,
        {topic: counter.name_path(topic) for topic in sorted(topics)},
        source.ranges,
        missing,
        links.shares,
        [*notes, *links.notes],
        partial=partial,
    )


def _progress(counter: CoverageCounter, total: int) -> None:
    if is_terminal(sys.stderr):
        sys.stderr.write(f"\r{counter.counts.messages:,} of {total:,} messages")
        sys.stderr.flush()

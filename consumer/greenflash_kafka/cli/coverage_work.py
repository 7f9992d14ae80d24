"""The work of `coverage`: one pass over history."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
import msgspec
from msgspec.structs import replace

from greenflash_kafka.cli.coverage_links import Shares, shares
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.cli.mapping_paths import mapping_paths
from greenflash_kafka.cli.open_history import HistoryFlags, mappings_of, opened
from greenflash_kafka.cli.past_tables import ReadTables, opened_tables, past_tables
from greenflash_kafka.cli.progress_line import ProgressLine
from greenflash_kafka.cli.rule_sets import RuleFiles, ruleset
from greenflash_kafka.cli.worker_processes import FIGURES_SECONDS, TAKE, default_workers, portion_of, read_by
from greenflash_kafka.config.model import Config
from greenflash_kafka.coverage.coverage_counter import CoverageCounter
from greenflash_kafka.coverage.coverage_counts import CoverageCounts
from greenflash_kafka.coverage.coverage_report import CoverageReport, made_report, read_report
from greenflash_kafka.coverage.coverage_text import as_text
from greenflash_kafka.coverage.drift import compared
from greenflash_kafka.coverage.fail_on import check_conditions, holding
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import History
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.history import KafkaHistory

INTERRUPTED: Final = 130


class CoverageFlags(msgspec.Struct, frozen=True):
    """What the flags say beside the window. `topics` empty: all that rules read; `workers` 0: as many as help."""

    paths: Sequence[Path] = ()
    topics: Sequence[str] = ()
    baseline: Path | None = None
    links: bool = True
    as_json: bool = False
    fail_on: str = ""
    workers: int = 0


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
    files = RuleFiles("the mapping files", tuple(mapping_paths(given.paths or mappings_of(window))))
    report = _counted(ruleset(files, os.environ), files, window, given)
    if baseline is not None:
        report = compared(report, baseline)
    click.echo(report.to_json() if given.as_json else as_text(report))
    failed = holding(report, conditions)
    if conditions and report.unread:
        failed += [f"not known, the topic {name} {why}" for name, why in report.unread.items()]
    if failed:
        click.echo(f"--fail-on: {', '.join(failed)}", err=True)
    return INTERRUPTED if report.partial else int(bool(failed))


def _baseline(path: Path) -> CoverageReport:
    try:
        return read_report(path.read_bytes())
    except (OSError, ValueError) as error:
        said = f"--baseline {path} is no report of `coverage --json`: {error}"
        raise click.UsageError(said) from None


class CoverageTask(msgspec.Struct, frozen=True):
    """What every process is told. `properties` are a reader's, secrets included; `tables` are read once for all."""

    files: RuleFiles
    config: Config | None
    environ: dict[str, str]
    cluster_id: str
    topic_ids: dict[str, str]
    properties: dict[str, str]
    portion: int
    tables: ReadTables | None = None

    def snapshot(self, rules: Ruleset) -> Snapshot:
        """The rules as production has them. Raises ConfigInvalid and SystemLimit."""
        found = compared_snapshot(rules, self.config, self.cluster_id, self.topic_ids, self.environ)
        return found if self.tables is None else opened_tables(found, self.tables)[0]


class CountedPortion(msgspec.Struct, frozen=True):
    """What some messages gave, and what retention took meanwhile."""

    counts: CoverageCounts
    missing: tuple[OffsetRange, ...] = ()


def counted_portions(history: History, snapshot: Snapshot, portion: int) -> Iterator[CountedPortion]:
    """All messages, counted in portions. Raises BrokerUnreachable and RecordingInvalid."""
    while not history.done:
        before = len(history.missing)
        counter, until = CoverageCounter(snapshot), time.monotonic() + FIGURES_SECONDS
        while not history.done and counter.counts.messages < portion and time.monotonic() < until:
            counter.add(history.take(TAKE, 0.2))
        yield CountedPortion(counter.counts, tuple(history.missing[before:]))


def count_share(task: CoverageTask, _: int, ranges: Sequence[OffsetRange]) -> Iterator[CountedPortion]:
    """What the messages of some ranges give. Raises BrokerUnreachable and MappingsInvalid."""
    yield from _read(task, task.snapshot(ruleset(task.files, task.environ)), ranges)


def _read(task: CoverageTask, snapshot: Snapshot, ranges: Sequence[OffsetRange]) -> Iterator[CountedPortion]:
    history = KafkaHistory(task.properties, ranges)
    try:
        yield from counted_portions(history, snapshot, task.portion)
    finally:
        history.close()


def _counted(rules: Ruleset, files: RuleFiles, flags: HistoryFlags, given: CoverageFlags) -> CoverageReport:
    for name in given.topics:
        if rules.rules_for(name) is None:
            hint = did_you_mean(name, rules.topics)
            said = f"--topic {name}: no rule reads it; the rules read {', '.join((*rules.topics, *rules.patterns))}"
            raise click.UsageError(f"{said}; {hint}" if hint else said)
    names, patterns = (list(given.topics), []) if given.topics else (list(rules.topics), list(rules.patterns))
    whole, partial = CoverageCounts(), False
    missing: list[OffsetRange] = []

    def wanted(topic: str) -> bool:
        return rules.rules_for(topic) is not None

    with ExitStack() as stack:
        source = stack.enter_context(opened(flags, names, patterns, wanted=wanted, all_there=False, begin=False))
        total = sum(each.count for each in source.ranges)
        task = CoverageTask(
            files,
            source.config,
            dict(os.environ),
            source.cluster_id,
            dict(source.topic_ids),
            dict(source.properties),
            portion_of(total),
        )
        read = {each.topic for each in source.ranges}
        task = replace(task, tables=stack.enter_context(past_tables(task.snapshot(rules), flags, read)))
        snapshot = task.snapshot(rules)
        workers = given.workers or default_workers(total)
        if source.properties and workers > 1:
            found = read_by(workers, count_share, task, source.ranges)
        elif source.properties:
            found = _read(task, snapshot, source.ranges)
        else:
            found = counted_portions(source.history, snapshot, task.portion)
        progress = stack.enter_context(ProgressLine())
        said = "no message"
        try:
            for each in found:
                whole.add(each.counts)
                missing += each.missing
                said = f"{whole.messages:,} of {total:,} messages"
                progress.say(said)
        except KeyboardInterrupt:
            partial = True
        if given.links and whole.links and not partial:
            progress.say(f"{said}, reading conversations")
    links = shares(whole.links, flags, snapshot, read) if given.links and not partial else Shares()
    # A topic without messages in the window has rules that match nothing.
    topics = {*whole.topics, *(each.topic for each in source.ranges), *filter(wanted, names)}
    notes = [f"no rule reads the topic {name}" for name in source.unwanted]
    notes += task.tables.notes if task.tables is not None else ()
    by = CoverageCounter(snapshot)
    return made_report(
        f"greenflash-kafka {version('greenflash-kafka')}",
        rules,
        whole,
        {topic: by.name_path(topic) for topic in sorted(topics)},
        source.ranges,
        sorted(missing, key=lambda each: (each.topic, each.partition, each.start)),
        links.shares,
        [*notes, *links.notes],
        source.absent,
        partial=partial,
    )

"""The work of `diff`: portions of history, read and compared in this process or in several."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

import click
import msgspec

from greenflash_kafka.cli.diff_conversations import conversations_of_sides
from greenflash_kafka.cli.diff_sides import Sides, loaded, sides
from greenflash_kafka.cli.diff_tables import tables_of_sides
from greenflash_kafka.cli.heard_conversations import with_conversations
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.cli.mapping_paths import mapping_paths
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, mappings_of, opened
from greenflash_kafka.cli.past_tables import ReadTables, opened_tables
from greenflash_kafka.cli.progress_line import ProgressLine
from greenflash_kafka.cli.rule_sets import RuleFiles
from greenflash_kafka.cli.worker_processes import FIGURES_SECONDS, TAKE, default_workers, portion_of, read_by
from greenflash_kafka.config.model import Config
from greenflash_kafka.diff.differ import Differ
from greenflash_kafka.diff.history_sent import TooOld
from greenflash_kafka.diff.report import DiffReport, Outside
from greenflash_kafka.diff.report_json import as_json
from greenflash_kafka.diff.report_markdown import as_markdown
from greenflash_kafka.diff.report_of_tallies import report
from greenflash_kafka.diff.report_text import as_text
from greenflash_kafka.diff.setting_changes import rules_shown
from greenflash_kafka.diff.shared_decoders import SharedDecoders
from greenflash_kafka.diff.stored import IdRecords, joined, too_old
from greenflash_kafka.diff.tallies import Tallies
from greenflash_kafka.diff.verdict import check, failures
from greenflash_kafka.errors import MappingsInvalid
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import History
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.history import KafkaHistory

INTERRUPTED: Final = 130


class DiffTask(msgspec.Struct, frozen=True):
    """What every process of a diff is told. `files` are those of both rule sets, and `versions` what these are;
    `properties` a reader's, secrets included; `folder` is where records of ids go (None: ids aren't compared);
    `tables` and the files of `conversations` are those of each side, read once for all processes; `aged` are topics
    whose `max_age` differs."""

    files: tuple[RuleFiles, RuleFiles]
    versions: tuple[str, str]
    config: Config | None
    environ: dict[str, str]
    cluster_id: str
    topic_ids: dict[str, str]
    topics: tuple[str, ...]
    properties: dict[str, str]
    folder: Path | None
    values: bool
    examples: int
    portion: int
    tables: tuple[ReadTables | None, ReadTables | None] = (None, None)
    conversations: tuple[Path | None, Path | None] = (None, None)
    aged: tuple[str, ...] = ()


class Counted(msgspec.Struct, frozen=True):
    """What some messages of a share gave; `records` is the folder of their records of ids."""

    tallies: Tallies
    records: Path | None
    missing: tuple[OffsetRange, ...] = ()


class Comparison:
    """Both rule sets: counts messages portion by portion. `share` is its number among all that compare."""

    def __init__(self, task: DiffTask, sides: Sides, share: int = 0) -> None:
        """Raises ConfigInvalid and SystemLimit."""
        self._task = task
        self._share = share
        self._portions = 0
        old, new = (
            compared_snapshot(each, task.config, task.cluster_id, task.topic_ids, task.environ)
            for each in (sides.old, sides.new)
        )
        decoders = SharedDecoders(old.decoders)
        self._old, self._new = (
            _completed(Snapshot(side.ruleset, side.context, decoders, old.schemas), tables, conversations)
            for side, tables, conversations in zip((old, new), task.tables, task.conversations, strict=True)
        )

    def count(self, history: History) -> Iterator[Counted]:
        """Count all messages, in portions. Raises BrokerUnreachable and RecordingInvalid."""
        while not history.done:
            before = len(history.missing)
            counted = self._portion(history)
            yield msgspec.structs.replace(counted, missing=tuple(history.missing[before:]))

    def _portion(self, history: History) -> Counted:
        task, records, folder = self._task, None, None
        if task.folder is not None:
            folder = task.folder / f"{self._share}-{self._portions}"
            folder.mkdir()
            records = IdRecords(folder, task.topics)
        self._portions += 1
        differ = Differ(self._old, self._new, records, task.examples, values=task.values, aged=task.aged)
        until = time.monotonic() + FIGURES_SECONDS
        while not history.done and differ.tallies.messages < task.portion and time.monotonic() < until:
            differ.add(history.take(TAKE, 0.2))
        if records is not None:
            records.close()
        return Counted(differ.finish(), folder)


def _completed(snapshot: Snapshot, tables: ReadTables | None, conversations: Path | None) -> Snapshot:
    found = snapshot if tables is None else opened_tables(snapshot, tables)[0]
    return found if conversations is None else with_conversations(found, conversations)[0]


def read_share(task: DiffTask, share: int, ranges: Sequence[OffsetRange]) -> Iterator[Counted]:
    """What the messages of some ranges give. Raises BrokerUnreachable and MappingsInvalid."""
    sides = loaded(task.files, task.environ)
    if sides.versions != task.versions:
        raise MappingsInvalid("the mapping files changed while they were compared: compare them again")
    yield from _read(Comparison(task, sides, share), task, ranges)


def _read(comparison: Comparison, task: DiffTask, ranges: Sequence[OffsetRange]) -> Iterator[Counted]:
    history = KafkaHistory(task.properties, ranges)
    try:
        yield from comparison.count(history)
    finally:
        history.close()


class DiffSettings(msgspec.Struct, frozen=True):
    """What the flags say beside rules and window. `topics` empty: all that rules read; `workers` 0: as many as help;
    `ids`: they are compared over messages."""

    topics: Sequence[str] = ()
    workers: int = 0
    ids: bool = True
    examples: int = 5
    values: bool = False


def show(
    old: str | None,
    new: str | None,
    mappings: Sequence[Path],
    flags: Mapping[str, Any],
    settings: DiffSettings,
    form: Literal["json", "markdown", "text"],
    fail_on: str,
) -> int:
    """Compare, and print the report; the exit code. `flags` are those of `HistoryFlags`. Raises what `opened` does,
    MappingsInvalid, and click's usage error."""
    conditions = [each.strip() for each in fail_on.split(",") if each.strip()]
    try:
        check(conditions)
    except ValueError as error:
        raise click.UsageError(f"--fail-on: {error}") from None
    given = HistoryFlags(**flags)
    with ExitStack() as stack:
        where = lambda: mapping_paths(mappings or mappings_of(given))  # noqa: E731
        compared = sides(old, new, where, os.environ)
        folder = stack.enter_context(TemporaryDirectory(prefix="greenflash-kafka-diff-")) if settings.ids else None
        found = _compared(compared, given, settings, None if folder is None else Path(folder))
    click.echo(_FORMS[form](found))
    failed = failures(found, conditions)
    if failed:
        click.echo(f"--fail-on: {', '.join(failed)}", err=True)
    return INTERRUPTED if found.partial else int(bool(failed))


_FORMS: Final = {"json": as_json, "markdown": as_markdown, "text": as_text}


def _compared(sides: Sides, flags: HistoryFlags, settings: DiffSettings, folder: Path | None) -> DiffReport:
    """Read the window, and compare; progress goes to a terminal. Ctrl-C ends it with the report of what was read."""
    names, patterns = sides.topics(settings.topics)
    for name in settings.topics:
        if not sides.read(name):
            raise click.UsageError(f"--topic {name}: neither rules read it; they read {', '.join(sides.topics([])[0])}")
    whole, partial = Tallies(), False
    folders: list[Path] = []
    missing: list[OffsetRange] = []
    with ExitStack() as stack:
        source = stack.enter_context(
            opened(flags, names, patterns, wanted=sides.differ_in, all_there=False, begin=False)
        )
        total = sum(each.count for each in source.ranges)
        topics_read = tuple(sorted({each.topic for each in source.ranges}))
        task = DiffTask(
            sides.files,
            sides.versions,
            source.config,
            dict(os.environ),
            source.cluster_id,
            dict(source.topic_ids),
            topics_read,
            dict(source.properties),
            folder,
            settings.values,
            settings.examples,
            portion_of(total),
            tables_of_sides(sides, source, flags, stack),
            conversations_of_sides(sides, source, flags, stack),
            tuple(each for each in topics_read if len(set(sides.max_ages(each))) == 2),
        )
        workers = settings.workers or default_workers(total)
        if source.properties and workers > 1:
            found = read_by(workers, read_share, task, source.ranges)
        elif source.properties:
            found = _read(Comparison(task, sides), task, source.ranges)
        else:
            found = Comparison(task, sides).count(source.history)
        try:
            with ProgressLine() as progress:
                for each in found:
                    whole.add(each.tallies, settings.examples)
                    missing += each.missing
                    folders += [] if each.records is None else [each.records]
                    changed = f"{whole.changed_messages:,} become something else"
                    progress.say(f"{whole.messages:,} of {total:,} messages, {changed}")
        except KeyboardInterrupt:
            partial = True
    stored = None if folder is None else joined(folders)
    absent = [name for name in source.absent if sides.differ_in(name)]
    return report(
        f"greenflash-kafka {version('greenflash-kafka')}",
        sides.described,
        whole,
        stored,
        source.ranges,
        missing,
        source.unwanted,
        absent,
        source.empty,
        partial=partial,
        outside=_outside(sides, task, source, whole, folders, settings.topics),
    )


def _outside(
    sides: Sides,
    task: DiffTask,
    source: OpenHistory,
    counted: Tallies,
    folders: Sequence[Path],
    only: Sequence[str],
) -> Outside:
    """What `run` does otherwise, and the messages don't show."""
    names = sorted({*task.topics, *source.empty, *source.absent})
    topics = tuple(each for each in map(sides.new_topic, names) if each is not None)
    limits: dict[str, tuple[int, int]] = {}
    for topic in task.aged if task.folder is not None else ():
        if topic in counted.newest:
            newest = counted.newest[topic]
            old, new = (0 if age is None else newest - age for age in sides.max_ages(topic))
            limits[topic] = old, new
    found = too_old(folders, task.topics, limits) if limits else {}
    aged = tuple(TooOld(topic, counted.newest[topic], *found[topic]) for topic in sorted(found))
    there = {*task.topics, *source.empty, *source.unwanted}
    read = sides.topic_changes(there if source.properties and not only else None)
    said = {each.topic for each in topics}
    read = tuple(each for each in read if not (each.now and each.topic in said))
    return Outside(topics, sides.setting_changes(rules_shown(counted)), aged, read, sides.left_out(only, there))

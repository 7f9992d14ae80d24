"""The work of `diff`: portions of history, read and compared in this process or in several."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

import click
import msgspec

from greenflash_kafka.app.schema_sources import schemas_of_run
from greenflash_kafka.app.settings import snapshot
from greenflash_kafka.cases.case_runner import CONTEXT
from greenflash_kafka.cli.diff_sides import NamedPaths, Sides, sides
from greenflash_kafka.cli.mapping_paths import mapping_paths
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, mappings_of, opened
from greenflash_kafka.cli.rule_sets import ruleset
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.diff.differ import Differ
from greenflash_kafka.diff.report import DiffReport, report
from greenflash_kafka.diff.report_markdown import as_markdown
from greenflash_kafka.diff.report_text import as_text
from greenflash_kafka.diff.stored import IdRecords, joined
from greenflash_kafka.diff.tallies import Tallies
from greenflash_kafka.diff.verdict import check, failures
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.portions import portions
from greenflash_kafka.terminal import is_terminal

INTERRUPTED: Final = 130

TAKE: Final = 2000

PORTION: Final = 50_000
"""Offsets that are counted before there are new figures; more where there would be very many portions."""

_MOST_PORTIONS: Final = 200
_FEW: Final = 200_000


class DiffTask(msgspec.Struct, frozen=True):
    """What every process of a diff is told. `sides` are names and paths of both rule sets; `properties` a reader's,
    secrets included; `folder` is where records of ids go (None: ids aren't compared)."""

    sides: tuple[NamedPaths, NamedPaths]
    config: Config | None
    environ: dict[str, str]
    cluster_id: str
    topic_ids: dict[str, str]
    topics: tuple[str, ...]
    properties: dict[str, str]
    folder: Path | None
    values: bool
    examples: int


class Counted(msgspec.Struct, frozen=True):
    """What one portion gave; `records` is the folder of its records of ids."""

    tallies: Tallies
    records: Path | None
    missing: tuple[OffsetRange, ...] = ()


class Comparison:
    """Both rule sets, loaded: counts messages portion by portion."""

    def __init__(self, task: DiffTask) -> None:
        """Raises MappingsInvalid and ConfigInvalid."""
        self._task = task
        self._old, self._new = (self._snapshot(name, paths) for name, paths in task.sides)
        self._history: KafkaHistory | None = None

    def _snapshot(self, name: str, paths: Sequence[Path]) -> Snapshot:
        task = self._task
        rules = ruleset(name, paths, task.environ)
        if task.config is None:
            context = msgspec.structs.replace(CONTEXT, cluster_id=task.cluster_id, topic_ids=task.topic_ids)
            return Snapshot(rules, _with_key(context, task.environ))
        schemas = schemas_of_run(task.config, task.environ, SystemClock(), Quiet())
        return snapshot(task.config.rules, rules, task.cluster_id, task.topic_ids, schemas)

    def read(self, number: int, ranges: Sequence[OffsetRange]) -> Counted:
        """Read a portion from Kafka, and count it. Raises BrokerUnreachable."""
        if self._history is None:
            self._history = KafkaHistory(self._task.properties)
        history, before = self._history, len(self._history.missing)
        history.begin(ranges)
        counted = self.count(number, self._taken(history))
        return msgspec.structs.replace(counted, missing=tuple(history.missing[before:]))

    @staticmethod
    def _taken(history: KafkaHistory) -> Iterator[list[Message]]:
        while not history.done:
            yield history.take(TAKE, 0.2)

    def count(self, number: int, portion: Iterator[list[Message]]) -> Counted:
        """Count a portion of messages."""
        task, records = self._task, None
        if task.folder is not None:
            folder = task.folder / str(number)
            folder.mkdir()
            records = IdRecords(folder, task.topics)
        differ = Differ(self._old, self._new, records, task.examples, values=task.values)
        for messages in portion:
            differ.add(messages)
        if records is not None:
            records.close()
        return Counted(differ.tallies, None if task.folder is None else task.folder / str(number))

    def close(self) -> None:
        """Close the connections."""
        if self._history is not None:
            self._history.close()


def _with_key(context: EvaluationContext, environ: Mapping[str, str]) -> EvaluationContext:
    key = environ.get("GREENFLASH_KAFKA_HASH_KEY", "").strip()
    return msgspec.structs.replace(context, hash_key=key.encode()) if key else context


_comparison: Comparison | None = None
"""That of a child process."""


def _begin(task: DiffTask) -> None:
    global _comparison
    _comparison = Comparison(task)


def _read(portion: tuple[int, tuple[OffsetRange, ...]]) -> Counted:
    assert _comparison is not None
    return _comparison.read(*portion)


def counted(task: DiffTask, parts: Sequence[tuple[OffsetRange, ...]], workers: int) -> Iterator[Counted]:
    """What each portion gives, as they are done: by so many processes, or by this one. Raises BrokerUnreachable."""
    if workers <= 1 or len(parts) <= 1:
        comparison = Comparison(task)
        try:
            for number, ranges in enumerate(parts):
                yield comparison.read(number, ranges)
        finally:
            comparison.close()
        return
    # Spawned, not forked: the Kafka client has threads.
    pool = ProcessPoolExecutor(min(workers, len(parts)), get_context("spawn"), _begin, (task,))
    try:
        yield from pool.map(_read, enumerate(parts))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def default_workers(count: int) -> int:
    """Processes for so many messages: one a core, and one alone where starting others takes longer than reading."""
    return 1 if count < _FEW else max(1, len(os.sched_getaffinity(0)))


class DiffSettings(msgspec.Struct, frozen=True):
    """What the flags say beside rules and window. `topics` empty: all that rules read; `workers` None: as many as help;
    `ids`: they are compared over messages."""

    topics: Sequence[str] = ()
    workers: int | None = None
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
        compared = stack.enter_context(sides(old, new, mapping_paths(mappings or mappings_of(given)), os.environ))
        folder = stack.enter_context(TemporaryDirectory(prefix="greenflash-kafka-diff-")) if settings.ids else None
        found = _compared(compared, given, settings, None if folder is None else Path(folder))
    click.echo(_FORMS[form](found))
    failed = failures(found, conditions)
    if failed:
        click.echo(f"--fail-on: {', '.join(failed)}", err=True)
    return INTERRUPTED if found.partial else int(bool(failed))


_FORMS: Final = {"json": DiffReport.to_json, "markdown": as_markdown, "text": as_text}


def _compared(sides: Sides, flags: HistoryFlags, settings: DiffSettings, folder: Path | None) -> DiffReport:
    """Read the window, and compare; progress goes to a terminal. Ctrl-C ends it with the report of what was read."""
    err = sys.stderr
    names, patterns = sides.topics(settings.topics)
    whole, partial = Tallies(), False
    folders: list[Path] = []
    missing: list[OffsetRange] = []
    with opened(flags, names, patterns, wanted=sides.differ_in, all_there=False) as source:
        total = sum(each.count for each in source.ranges)
        task = DiffTask(
            sides.paths,
            source.config,
            dict(os.environ),
            source.cluster_id,
            dict(source.topic_ids),
            tuple(sorted({each.topic for each in source.ranges})),
            dict(source.properties),
            folder,
            settings.values,
            settings.examples,
        )
        if source.properties:
            parts = list(portions(source.ranges, max(PORTION, total // _MOST_PORTIONS)))
            found = counted(task, parts, settings.workers or default_workers(total))
        else:
            found = recorded(task, source)
        try:
            for each in found:
                whole.add(each.tallies, settings.examples)
                missing += each.missing
                folders += [] if each.records is None else [each.records]
                if is_terminal(err):
                    said = (
                        f"\r{whole.messages:,} of {total:,} messages, {whole.changed_messages:,} become something else"
                    )
                    err.write(said)
                    err.flush()
        except KeyboardInterrupt:
            partial = True
        if is_terminal(err):
            err.write("\n")
    stored = None if folder is None else joined(folders)
    notes = [*sides.notes, *(f"the topic {name} isn't there" for name in source.absent)]
    return report(
        f"greenflash-kafka {version('greenflash-kafka')}",
        sides.described,
        whole,
        stored,
        source.ranges,
        missing,
        source.unwanted,
        partial=partial,
        notes=notes,
    )


def recorded(task: DiffTask, source: OpenHistory) -> Iterator[Counted]:
    """What the portions of a recording give."""
    comparison = Comparison(task)
    for number, messages in enumerate(source.messages(PORTION)):
        yield comparison.count(number, iter([messages]))

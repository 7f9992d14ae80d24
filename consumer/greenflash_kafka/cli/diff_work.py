"""The work of `diff`: portions of history, read and compared in this process or in several."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import msgspec

from greenflash_kafka.app.schema_sources import schemas_of_run
from greenflash_kafka.app.settings import snapshot
from greenflash_kafka.cases.case_runner import CONTEXT
from greenflash_kafka.cli.rule_sets import ruleset
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.diff.differ import Differ
from greenflash_kafka.diff.stored import IdRecords
from greenflash_kafka.diff.tallies import Tallies
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.history import KafkaHistory

TAKE: Final = 2000


class DiffTask(msgspec.Struct, frozen=True):
    """What every process of a diff is told. `sides` are names and paths of both rule sets; `properties` a reader's,
    secrets included; `folder` is where records of ids go (None: ids aren't compared)."""

    sides: tuple[tuple[str, tuple[Path, ...]], tuple[str, tuple[Path, ...]]]
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


def counted(task: DiffTask, portions: Sequence[tuple[OffsetRange, ...]], workers: int) -> Iterator[Counted]:
    """What each portion gives, as they are done: by so many processes, or by this one. Raises BrokerUnreachable."""
    if workers <= 1 or len(portions) <= 1:
        comparison = Comparison(task)
        try:
            for number, ranges in enumerate(portions):
                yield comparison.read(number, ranges)
        finally:
            comparison.close()
        return
    # Spawned, not forked: the Kafka client has threads.
    pool = ProcessPoolExecutor(min(workers, len(portions)), get_context("spawn"), _begin, (task,))
    try:
        yield from pool.map(_read, enumerate(portions))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def default_workers(count: int) -> int:
    """Processes for so many messages: one a core, and one alone where starting others takes longer than reading."""
    return 1 if count < 200_000 else max(1, len(os.sched_getaffinity(0)))



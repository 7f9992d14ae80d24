"""Rows of tables from topics for verbs that study messages: the topics are read whole, into a file that is gone with
the verb, and looked up in as `run` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from greenflash_kafka.cli.look_back import look_back
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, opened
from greenflash_kafka.cli.progress_line import ProgressLine
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.errors import BrokerUnreachable, GreenflashKafkaError, RecordingInvalid, SystemLimit, TopicMissing
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.linking.past_rows import PastRows, PastRowsWriter
from greenflash_kafka.linking.table import TableFailed
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.topic_tables import PREFIX, TableRows, TopicTable
from greenflash_kafka.ports import Clock
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.recording import RecordedHistory, RecordingHeader

MOST: Final = 5
"""Different problems of records that are named, the most frequent first."""

_READ_PORTION: Final = 10_000

_BATCH: Final = 500
"""Records that are written at once, where they come one by one."""


class ReadTables(msgspec.Struct, frozen=True):
    """Tables that were read into a file: their names, the time (milliseconds since 1970), and what there is to say of
    them. `whole` False: only the newest records were read. Values alone, so that another process can be told."""

    path: Path
    names: frozenset[str]
    read_ms: int
    notes: tuple[str, ...] = ()
    whole: bool = True


def used_tables(rules: Ruleset, topics: Collection[str]) -> tuple[TopicTable, ...]:
    """The tables from topics that the rules of these topics use."""
    used = {name for topic in topics for name in rules.waits_for(topic) if name.startswith(PREFIX)}
    return tuple(each for each in rules.tables if each.name in used)


@contextmanager
def past_tables(
    snapshot: Snapshot, flags: HistoryFlags, topics: Collection[str], seconds: float = 0.0
) -> Iterator[ReadTables | None]:
    """The tables that the rules of these topics use, in a file that is there until the end; None if they use none.
    Raises what `read_tables` does."""
    tables = used_tables(snapshot.ruleset, topics)
    if not tables:
        yield None
        return
    with TemporaryDirectory(prefix="greenflash-kafka-tables-") as folder:
        yield read_tables(snapshot, tables, flags, Path(folder) / "rows.sqlite", seconds)


@contextmanager
def with_past_tables(
    snapshot: Snapshot, flags: HistoryFlags, topics: Collection[str], seconds: float = 0.0
) -> Iterator[tuple[Snapshot, tuple[str, ...]]]:
    """The same rules with the rows of these tables, and what there is to say of them. Raises what `read_tables`
    does."""
    with past_tables(snapshot, flags, topics, seconds) as read:
        if read is None:
            yield snapshot, ()
            return
        knowing, rows = opened_tables(snapshot, read)
        try:
            yield knowing, read.notes
        finally:
            rows.close()


def opened_tables(snapshot: Snapshot, read: ReadTables) -> tuple[Snapshot, PastRows]:
    """The same rules with rows that were read, and these, to be closed. Raises SystemLimit."""
    tables = [each for each in snapshot.ruleset.tables if each.name in read.names]
    with readable("rows of tables"):
        rows = PastRows(read.path, tables, snapshot.context.hash_key, read.read_ms, SystemClock())
    return snapshot.with_context(msgspec.structs.replace(snapshot.context, tables=rows)), rows


def read_tables(
    snapshot: Snapshot, tables: Collection[TopicTable], flags: HistoryFlags, path: Path, seconds: float = 0.0
) -> ReadTables:
    """Read the topics of these tables from their first message to their last, whatever the window is: a row may be
    years old. For so many `seconds` (0: as long as it takes), the newest records first. Raises TopicMissing,
    RecordingInvalid for a recording that doesn't have them whole, BrokerUnreachable, ConfigInvalid, and SystemLimit
    where the file can't be written."""
    clock, listener = SystemClock(), _Problems()
    names = frozenset(each.name for each in tables)
    topics = {topic: _names(topic, tables) for topic in sorted({each.topic for each in tables})}
    resolver = Resolver(snapshot)

    def rows(message: Message) -> TableRows:
        found = resolver.rows(message)
        others = any(each.rule not in names for each in found.found)
        return found if not others else TableRows(tuple(each for each in found.found if each.rule in names))

    began = int(clock.now() * 1000)
    with _topics(flags, topics, snapshot.ruleset, begin=not seconds) as source, readable("rows of tables"):
        begins = {(each.topic, each.partition): each.start for each in source.ranges}
        key = snapshot.context.hash_key
        writer = PastRowsWriter(path, list(tables), rows, key, clock, listener, source.forgets, begins)
        notes = _newest(source, writer, clock, seconds) if seconds else _all(source, writer)
        writer.close()
    return ReadTables(path, names, began, (*listener.lines(), *notes), not (seconds and notes))


def _all(source: OpenHistory, writer: PastRowsWriter) -> list[str]:
    """Read all records; what there is to say of that."""
    total, read = sum(each.count for each in source.ranges), 0
    topics = ", ".join(sorted({each.topic for each in source.ranges}))
    with ProgressLine() as progress:
        for messages in source.messages(_READ_PORTION):
            writer.add(messages)
            read += len(messages)
            progress.say(f"{read:,} of {total:,} records of tables ({topics})")
    return [f"{each}, which retention took meanwhile, is missing" for each in source.history.missing]


def _newest(source: OpenHistory, writer: PastRowsWriter, clock: Clock, seconds: float) -> list[str]:
    """Read for so many seconds, the newest records first; which were read, if these aren't all."""
    waiting: list[Message] = []

    def flush() -> None:
        writer.add(waiting)
        waiting.clear()

    def add(message: Message) -> bool:
        waiting.append(message)
        if len(waiting) >= _BATCH:
            flush()
        return False

    looked = look_back(source, 1, add, clock, first=_READ_PORTION, seconds=seconds)
    flush()
    topics = ", ".join(sorted({each.topic for each in source.ranges}))
    return [] if looked.complete else [f"{topics}: {looked.words}; rows of other records aren't known here"]


@contextmanager
def _topics(flags: HistoryFlags, topics: Mapping[str, str], rules: Ruleset, *, begin: bool) -> Iterator[OpenHistory]:
    """Their history as a whole."""
    window = HistoryFlags(flags.file, recording=flags.recording)
    try:
        with opened(window, list(topics), begin=begin) as source:
            if isinstance(source.history, RecordedHistory):
                _check(source.history, flags, topics, rules)
            yield source
    except (TopicMissing, BrokerUnreachable) as error:
        raise type(error)(f"{error}. Tables of the rules are read from {_told(topics)}") from None


def _check(history: RecordedHistory, flags: HistoryFlags, topics: Mapping[str, str], rules: Ruleset) -> None:
    lacking = {name: each for name, each in topics.items() if name not in history.header.whole}
    if not lacking:
        return
    command = record_command(history.header, rules, lacking)
    raise RecordingInvalid(
        f"{flags.recording} doesn't have, from its first message on, {_told(lacking)}: without all of it the rows of "
        f"this table aren't known. Make the recording anew: greenflash-kafka {command}"
    )


def record_command(header: RecordingHeader, rules: Ruleset, lacking: Collection[str]) -> str:
    """The command that makes a recording anew, in its window, with the whole of the topics that it lacks: these, and
    all others of which the rules of its topics need conversations or rows."""
    there = {each.topic for each in header.ranges}
    lacking = {*lacking, *_needed(header, rules, there)}
    # Without a window all of it is whole anyway.
    whole = sorted({*lacking, *(header.whole if header.window else ())})
    others = sorted(there.difference(whole))
    window = [header.window] if header.window and others else []
    return " ".join(["record", *others, *(f"--whole {each}" for each in whole), *window, "--out FILE"])


def _needed(header: RecordingHeader, rules: Ruleset, there: Collection[str]) -> Iterator[str]:
    waited = {name for topic in there for name in rules.waits_for(topic)}
    yield from (each.topic for each in used_tables(rules, there) if each.topic not in header.whole)
    for topic in rules.conversation_topics:
        if topic not in there and not waited.isdisjoint(rules.sources_in(topic)):
            yield topic


def _told(topics: Mapping[str, str]) -> str:
    return ", ".join(f"the topic {name} (table {tables})" for name, tables in topics.items())


def _names(topic: str, tables: Collection[TopicTable]) -> str:
    return ", ".join(each.name.removeprefix(PREFIX) for each in tables if each.topic == topic)


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Raise SystemLimit where a file of conversations or rows can't be used; `what` it holds."""
    try:
        yield
    except TableFailed as error:
        said = f"the file with the {what} can't be used: {error}. Is there room for temporary files (TMPDIR)?"
        raise SystemLimit(said) from error


class _Problems(Quiet):
    """What is wrong with records of tables."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        """See `ports.Listener`."""
        if metric == "table_problems":
            source, code = labels
            self._counts[source, code] += amount

    def lines(self) -> list[str]:
        """One line for each kind, the most frequent first."""
        return [
            f"{counted(count, 'record gives', 'records give')} no row of "
            f"{f'the table {source.removeprefix(PREFIX)}' if source else 'any table'}: {code}"
            for (source, code), count in self._counts.most_common(MOST)
        ]


def without_tables(error: GreenflashKafkaError) -> str:
    """What to say where rows can't be read, and the rest is of use without."""
    return f"tables can't be read, and what comes of them is missing here: {error}"

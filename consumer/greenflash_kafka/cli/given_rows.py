"""`try --tables`: the records of tables' topics from files, and the rows that they give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
import msgspec

from greenflash_kafka.cli.given_records import records_of
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.linking.past_rows import PastRows, PastRowsWriter
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.topic_tables import TableRows
from greenflash_kafka.resolve import resolve_rows
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

_EVER: Final = 1 << 45
"""Milliseconds since 1970, further than the year 3000: a message that is tried may have any timestamp."""

FLAG: Final = "--tables"


@contextmanager
def given_rows(given: Sequence[str], snapshot: Snapshot) -> Iterator[tuple[Snapshot, tuple[str, ...]]]:
    """The same rules with the rows that the records of these files give, each FILE or TOPIC=FILE, and a line for each
    kind of thing that is wrong with them. Without files the rules as they are: nothing is known of rows.

    A record without a timestamp counts from the beginning on; of two that have none, the later line. Raises click's
    usage errors for what can't be read.
    """
    if not given:
        yield snapshot, ()
        return
    ruleset, clock, wrong = snapshot.ruleset, SystemClock(), Counter[str]()
    with TemporaryDirectory(prefix="greenflash-kafka-tables-") as folder:
        path, key = Path(folder) / "rows.sqlite", snapshot.context.hash_key

        def rows(message: Message) -> TableRows:
            found = resolve_rows(message, snapshot)
            wrong.update(each.describe(values=True) for each in found.problems)
            return found

        writer = PastRowsWriter(path, ruleset.tables, rows, key, clock, Quiet(), lambda _: False, {})
        offsets = count()
        for each in given:
            writer.add(_in_order(each, snapshot, offsets, wrong))
        writer.close()
        known = PastRows(path, ruleset.tables, key, _EVER, clock)
        try:
            said = tuple(text + (f" (and {most - 1} more)" if most > 1 else "") for text, most in wrong.items())
            yield snapshot.with_context(msgspec.structs.replace(snapshot.context, tables=known)), said
        finally:
            known.close()


def _in_order(given: str, snapshot: Snapshot, offsets: Iterator[int], wrong: Counter[str]) -> Iterator[Message]:
    """The records of a file, in the order in which they count: none is missing between them."""
    ruleset = snapshot.ruleset

    def is_read(topic: str) -> bool:
        return bool(ruleset.tables_in(topic))

    records = list(records_of(given, lambda: _table_topic(ruleset), is_read, FLAG, snapshot))
    records.sort(key=lambda each: -1 if each.logged is None else each.logged)
    for each in records:
        if not ruleset.tables_in(each.message.topic):
            wrong[f"{each.where}: no table of the rules is told by the topic {each.message.topic}"] += 1
            continue
        yield msgspec.structs.replace(each.message, partition=0, offset=next(offsets))


def _table_topic(ruleset: Ruleset) -> str:
    """The only topic of tables; a usage error names them."""
    topics = ruleset.table_topics
    if not topics:
        raise click.UsageError("--tables: no rule uses a table from a topic")
    if len(topics) > 1:
        raise click.UsageError(
            f"of which topic are these rows (there are {', '.join(topics)})? Write --tables TOPIC=FILE"
        )
    return topics[0]

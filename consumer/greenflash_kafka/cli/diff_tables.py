"""Tables from topics for both sides of a `diff`: each topic is read once, for all processes that compare."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from greenflash_kafka.cli.diff_sides import Sides
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory
from greenflash_kafka.cli.past_tables import ReadTables, read_tables, used_tables
from greenflash_kafka.model.topic_tables import TopicTable
from greenflash_kafka.rules.ruleset import Ruleset


def tables_of_sides(
    sides: Sides, source: OpenHistory, flags: HistoryFlags, stack: ExitStack
) -> tuple[ReadTables | None, ReadTables | None]:
    """The tables that either side's rules use, read into files that are there until the end; into the same one, if both
    sides make the same rows. Raises what `read_tables` does."""
    topics = {each.topic for each in source.ranges}
    ours, theirs = (used_tables(each, topics) for each in (sides.old, sides.new))
    if not ours and not theirs:
        return None, None
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="greenflash-kafka-tables-")))
    same = {(each.name, each.declaration) for each in ours} == {(each.name, each.declaration) for each in theirs}

    def read(rules: Ruleset, tables: Sequence[TopicTable], name: str) -> ReadTables | None:
        if not tables:
            return None
        snapshot = compared_snapshot(rules, source.config, source.cluster_id, source.topic_ids, os.environ)
        found = read_tables(snapshot, tables, flags, folder / name)
        for each in found.notes:
            sys.stderr.write(f"{each}\n")
        return found

    old = read(sides.old, ours, "old.sqlite")
    return old, old if same else read(sides.new, theirs, "new.sqlite")

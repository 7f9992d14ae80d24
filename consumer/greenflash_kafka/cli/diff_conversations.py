"""Conversations for both sides of a `diff`: their topics are read once, for all processes that compare."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from greenflash_kafka.cli.diff_sides import Sides
from greenflash_kafka.cli.heard_conversations import links, read_conversations
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory
from greenflash_kafka.rules.ruleset import Ruleset


def conversations_of_sides(
    sides: Sides, source: OpenHistory, flags: HistoryFlags, stack: ExitStack
) -> tuple[Path | None, Path | None]:
    """The conversations that either side's rules link to, read into files that are there until the end; into the same
    one, if both sides find the same activities. Raises what `read_conversations` does."""
    both = sides.old, sides.new
    topics = {each.topic for each in source.ranges}
    if not any(links(each) for each in both):
        return None, None
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="greenflash-kafka-conversations-")))
    # Where they are shared, each side needs what it looks back to itself.
    lookback = max(each.longest_lookback for each in both)

    def read(rules: Ruleset, name: str, told: Collection[str]) -> tuple[Path, tuple[str, ...]]:
        snapshot = compared_snapshot(rules, source.config, source.cluster_id, source.topic_ids, os.environ)
        notes = read_conversations(snapshot, flags, folder / name, topics, lookback)
        for each in notes:
            if each not in told:
                sys.stderr.write(f"{each}\n")
        return folder / name, notes

    if all(map(links, both)) and sides.old.conversations_version == sides.new.conversations_version:
        shared, _ = read(sides.old, "both.sqlite", ())
        return shared, shared
    old, told = read(sides.old, "old.sqlite", ()) if links(sides.old) else (None, ())
    return old, read(sides.new, "new.sqlite", told)[0] if links(sides.new) else None

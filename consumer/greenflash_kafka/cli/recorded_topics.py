"""The work of `record`: messages of topics, written into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, opened
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import VERSION, RecordedHistory, RecordingHeader, RecordingWriter


def write(topics: Sequence[str], whole: Sequence[str], out: Path, flags: Mapping[str, Any]) -> int:
    """Write a recording of the window of `topics`, and of `whole` ones, and say how much is in it; `flags` are those of
    `HistoryFlags`. Raises what `opened` does, and click's usage error for a file that is there."""
    if out.exists():
        raise click.UsageError(f"{out} exists: name a new file")
    given = HistoryFlags(**flags)
    asked = [each for each in topics if each not in whole]
    if not asked and not whole:
        raise click.UsageError("name a topic")
    count, missing = 0, list[OffsetRange]()
    with ExitStack() as stack:
        sources = [stack.enter_context(opened(given, asked))] if asked else []
        if whole:
            sources.append(stack.enter_context(opened(HistoryFlags(given.file, recording=given.recording), whole)))
        writer = RecordingWriter(out, _header(sources, asked, whole, given))
        try:
            for source in sources:
                for messages in source.messages():
                    writer.write(messages)
                    count += len(messages)
                missing += source.history.missing
        finally:
            writer.close()
    for each in missing:
        click.echo(f"missing: {each}, which retention took meanwhile", err=True)
    click.echo(f"{out}: {count:,} messages. It holds whole messages: keep it as you keep the topics.")
    return 0


def _header(
    sources: Sequence[OpenHistory], asked: Sequence[str], whole: Sequence[str], flags: HistoryFlags
) -> RecordingHeader:
    complete = [*whole, *(asked if flags.since is flags.until is flags.last is None else ())]
    history = sources[0].history
    if isinstance(history, RecordedHistory):
        complete = [each for each in complete if each in history.header.whole]
    ids = {name: each for source in sources for name, each in source.topic_ids.items()}
    ranges = tuple(each for source in sources for each in source.ranges)
    return RecordingHeader(VERSION, sources[0].cluster_id, ids, ranges, tuple(sorted(complete)))

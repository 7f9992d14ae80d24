"""The work of `record`: messages of topics, written into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli.open_history import HistoryFlags, opened
from greenflash_kafka.source.recording import VERSION, RecordingHeader, RecordingWriter


def write(topics: Sequence[str], out: Path, flags: Mapping[str, Any]) -> int:
    """Write a recording, and say how much is in it; `flags` are those of `HistoryFlags`. Raises what `opened` does, and
    click's usage error for a file that is there."""
    if out.exists():
        raise click.UsageError(f"{out} exists: name a new file")
    count = 0
    with opened(HistoryFlags(**flags), topics) as source:
        writer = RecordingWriter(out, RecordingHeader(VERSION, source.cluster_id, source.topic_ids, source.ranges))
        try:
            for messages in source.messages():
                writer.write(messages)
                count += len(messages)
        finally:
            writer.close()
        missing = source.history.missing
    for each in missing:
        click.echo(f"missing: {each}, which retention took meanwhile", err=True)
    click.echo(f"{out}: {count:,} messages. It holds whole messages: keep it as you keep the topics.")
    return 0

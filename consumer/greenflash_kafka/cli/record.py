"""`greenflash-kafka record`: messages of topics into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_options
from greenflash_kafka.cli.history_options import HistoryFlags, opened


@click.command(name="record")
@click.argument("topics", nargs=-1, required=True, metavar="TOPIC...")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The file; it must be new.")
@history_options.options
def command(topics: tuple[str, ...], out: Path, **flags: Any) -> int:
    """Write messages of topics into a file, for where Kafka can't be reached.

    One JSON object a line, whole messages: the file is readable by its owner alone, and doesn't belong into git.
    `peek`, `diff` and others read it with --from FILE.

    \b
    Examples:
      greenflash-kafka record billing.events --last 10000 --out billing.ndjson
      greenflash-kafka record billing.events crm.events --since 7d --out week.ndjson
    """
    # The Kafka client's room: not for --help.
    from greenflash_kafka.source.recording import VERSION, RecordingHeader, RecordingWriter

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

"""`greenflash-kafka record`: messages of topics into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="record")
@click.argument("topics", nargs=-1, required=True, metavar="TOPIC...")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The file; it must be new.")
@history_flags.options
def command(topics: tuple[str, ...], out: Path, **flags: Any) -> int:
    """Write messages of topics into a file, for where Kafka can't be reached.

    One JSON object a line, whole messages: the file is readable by its owner alone, and doesn't belong into git.
    `diff` reads it with --from FILE.

    \b
    Examples:
      greenflash-kafka record billing.events --last 10000 --out billing.ndjson
      greenflash-kafka record billing.events crm.events --since 7d --out week.ndjson
    """
    from greenflash_kafka.cli.recorded_topics import write

    return write(topics, out, flags)

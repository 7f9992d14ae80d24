"""`greenflash-kafka record`: messages of topics into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="record")
@click.argument("topics", nargs=-1, metavar="TOPIC...")
@click.option(
    "--whole",
    multiple=True,
    metavar="TOPIC",
    help="This topic from its first message to its last, whatever the window is: one that tells a table.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The file; it must be new.")
@history_flags.options
def command(topics: tuple[str, ...], whole: tuple[str, ...], out: Path, **flags: Any) -> int:
    """Write messages of topics into a file, for where Kafka can't be reached.

    One JSON object a line, whole messages: the file is readable by its owner alone, and doesn't belong into git.
    `diff`, `coverage` and others read it with --from FILE. Rules that use tables from topics need these topics in it,
    by --whole.

    \b
    Examples:
      greenflash-kafka record billing.events --last 10000 --out billing.ndjson
      greenflash-kafka record billing.events crm.events --since 7d --out week.ndjson
      greenflash-kafka record billing.events --since 7d --whole crm.customers --out week.ndjson
    """
    from greenflash_kafka.cli.recorded_topics import write

    return write(topics, whole, out, flags)

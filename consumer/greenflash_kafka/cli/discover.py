"""`greenflash-kafka discover`: what is in a topic, and a mapping file to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="discover")
@click.argument("topics", nargs=-1, required=True, metavar="TOPIC...")
@history_flags.options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE|FOLDER",
    help="The proposed mapping file, or a folder for one file a topic; files must be new [default: TOPIC.yaml beside "
    "the configured mappings].",
)
@click.option("--print", "only_print", is_flag=True, help="Print the proposed files in place of writing them.")
@click.option("--no-write", is_flag=True, help="The report alone.")
@click.option("--values", is_flag=True, help="Show frequent values of paths.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    topics: tuple[str, ...],
    out: Path | None,
    only_print: bool,
    no_write: bool,
    values: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Look at messages of topics: which fields there are, what they seem to be, and why; propose rules with cases.

    At most 10,000 messages of a topic are looked at, unless --last says otherwise: the newest ones, and as many spread
    over all that Kafka keeps. Nothing is sent or committed. The proposed file passes `lint` and `test`; lines with
    `# ?` are guesses. The unit of an amount is never guessed: where it isn't sure, both readings stand as comments.

    \b
    Examples:
      greenflash-kafka discover shop.orders
      greenflash-kafka discover shop.orders chat.messages --since 30d --no-write
      greenflash-kafka discover shop.orders --from shop.ndjson --out mappings/shop.yaml
    """
    from greenflash_kafka.cli.discover_work import DiscoverSettings, show

    settings = DiscoverSettings(out, values, as_json, "print" if only_print else "nothing" if no_write else "write")
    return show(topics, flags, settings)

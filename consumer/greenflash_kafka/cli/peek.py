"""`greenflash-kafka peek`: messages of a topic as the rules see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="peek")
@click.argument("topic")
@click.option("--where", metavar="CONDITIONS", help="Only messages for which this holds; YAML, as under `when`.")
@click.option("--save", type=click.Path(path_type=Path), metavar="DIR", help="Write them as samples, masked.")
@click.option("--mask", is_flag=True, help="Mask what is shown. A help, no protection.")
@click.option("--values", is_flag=True, help="Save samples with the values that messages have.")
@history_flags.mappings("Mapping files that say how the topic is read")
@history_flags.max_seconds("Search no longer than this")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@history_flags.options_with("So many messages, the newest of all partitions together [default: 10].")
def command(
    topic: str,
    where: str | None,
    save: Path | None,
    mask: bool,
    values: bool,
    mappings: tuple[Path, ...],
    max_seconds: float,
    as_json: bool,
    **flags: Any,
) -> int:
    """Show the newest messages of a topic, the newest first: 10, or --last N of them. Nothing is committed.

    They are decoded as the mapping files say it, else by what they are. --where takes the conditions of rules, searches
    backwards, and says how far it looked; of messages that are lists, `payload: {any: ...}`. --save writes one JSON
    file a message to DIR/samples/TOPIC, where `lint` and `test` find it; values are masked, but for amounts, times, and
    what rules compare with: read the files before you pass them on.

    \b
    Examples:
      greenflash-kafka peek shop.orders
      greenflash-kafka peek shop.orders --last 3 --where 'type: order.paid'
      greenflash-kafka peek shop.orders --since 7d --where '{total: {above: 100}}' --max-seconds 60
      greenflash-kafka peek crm.changes --where 'payload: {any: {propertyValue: closedwon}}'
      greenflash-kafka peek shop.orders --save mappings
    """
    from greenflash_kafka.cli.peek_work import PeekSettings, peek

    return peek(topic, PeekSettings(where, save, mask, values, mappings, max_seconds, as_json), flags)

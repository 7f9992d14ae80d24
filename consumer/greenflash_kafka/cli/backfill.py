"""`greenflash-kafka backfill`: events of history that the live group hasn't sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="backfill")
@click.option("--rules", required=True, metavar="A,B", help="Names of the rules whose events are meant; no others.")
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these of the topics that they read.")
@history_flags.options
@click.option(
    "--mappings", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help="Mapping files, or folders."
)
@click.option("--send", is_flag=True, help="Really send; without it nothing is sent or committed.")
@click.option(
    "--rate",
    type=click.FloatRange(0, min_open=True),
    default=50.0,
    show_default=True,
    metavar="N",
    help="Requests a second at most, beside those of the live group.",
)
@click.option(
    "--name", default="", metavar="N", help="Where progress is kept: <kafka.group>.backfill.N [default: the rules]."
)
@click.option(
    "--unlinked", is_flag=True, help="Send events without a conversation where none can be looked up any more."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    rules: str,
    topics: tuple[str, ...],
    mappings: tuple[Path, ...],
    send: bool,
    rate: float,
    name: str,
    unlinked: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Send events of messages that the live group has read already: of a new rule, or of a time that was lost.

    It ends where the group's committed offsets are when it begins: what comes later the group sends itself. First run
    it without --send: it counts events and sums their money up. A backfill that was stopped or killed goes on
    where it was with the same command. Invalid messages and refused events are reported; no dead letter is
    written. Messages of any age are taken.

    Events are linked to conversations, and look up tables from topics, as of their message's own timestamp, as `run`
    does: these topics are read again, into a temporary table. An event is left out (link-history) if they no longer
    reach back to what its link may find. Exits with 1 when it was stopped, events were left out, or Greenflash refused
    some.

    \b
    Examples:
      greenflash-kafka backfill --since 30d --rules refund_issued
      greenflash-kafka backfill --since 2026-11-01 --until 2026-11-18 --rules refund_issued --send --rate 20
    """
    from greenflash_kafka.cli import backfill_settings, backfill_work

    names = tuple(dict.fromkeys(each.strip() for each in rules.split(",") if each.strip()))
    settings = backfill_settings.BackfillSettings(names, topics, mappings, send, rate, name, as_json, unlinked)
    return backfill_work.backfill(settings, flags)

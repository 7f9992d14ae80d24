"""`greenflash-kafka explain`: everything about one message that is in Kafka."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="explain")
@click.argument("coordinates", metavar="[TOPIC/PARTITION/OFFSET]", required=False)
@click.option("--insert-id", metavar="ID", help="The message whose event has this insert_id.")
@history_flags.mappings("Where the rules are")
@history_flags.max_seconds("Look no longer than this for an id, for conversations, for dead letters")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@history_flags.options
def command(
    coordinates: str | None,
    insert_id: str | None,
    mappings: tuple[Path, ...],
    max_seconds: float,
    as_json: bool,
    **flags: Any,
) -> int:
    """Show why a message became what it is: each rule with every condition and what it found, each field of each event
    with its expression, its place in the file and the values that it came from, conversations that were chosen and
    rejected, the requests, and what the dead-letter topic says. Nothing is sent or committed.

    Today's rules evaluate it, not those of the time. An id that is made of coordinates is taken apart; another one is
    searched for, backwards in --since, --until and --last. Exits with 1 if the message isn't found, or is invalid.

    \b
    Examples:
      greenflash-kafka explain billing.stripe.events/3/88121
      greenflash-kafka explain --insert-id upgrade_purchased:evt_1PxA --since 7d
      greenflash-kafka explain shop.orders/0/17 --from week.ndjson --json
    """
    from greenflash_kafka.cli.explain_work import ExplainSettings, explain

    return explain(coordinates, insert_id, ExplainSettings(mappings, max_seconds, as_json), flags)

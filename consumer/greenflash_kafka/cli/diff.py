"""`greenflash-kafka diff`: what a change of the rules does, on real history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="diff")
@click.argument("old", required=False)
@click.argument("new", required=False)
@history_flags.mappings("Where the rules are, in revisions and on disk")
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these of the topics that the rules read.")
@history_flags.options
@history_flags.workers
@click.option("--no-ids", is_flag=True, help="Don't compare ids over messages: no temporary files, no 'as stored'.")
@click.option("--examples", type=click.IntRange(0, 100), default=5, show_default=True, help="Examples of each change.")
@click.option("--values", is_flag=True, help="Show values of messages in examples.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--markdown", is_flag=True, help="Print the report for a pull request.")
@click.option(
    "--fail-on",
    metavar="LIST",
    default="",
    help="Exit with 1 if any holds: ids, invalid, unmatched, any, money, money:2%.",
)
def command(
    old: str | None,
    new: str | None,
    mappings: tuple[Path, ...],
    topics: tuple[str, ...],
    workers: int,
    no_ids: bool,
    examples: int,
    values: bool,
    as_json: bool,
    markdown: bool,
    fail_on: str,
    **flags: Any,
) -> int:
    """Compare two rule sets on the messages that are in Kafka, or in a recording: nothing is sent or committed.

    OLD and NEW are folders, files or git revisions; HEAD and the working folder if not said. Both evaluate the same
    bytes by production's code. Only topics whose rules differ are read. Money is exact: as sent, and as the service
    stores it, each insert_id once.

    Variables (${NAME}) and the key of hash() are the same on both sides; set the deployment's to see its ids.

    \b
    Examples:
      greenflash-kafka diff --since 7d                     what my uncommitted change does
      greenflash-kafka diff origin/main HEAD --since 7d --fail-on ids,invalid
      greenflash-kafka diff old-mappings mappings --from week.ndjson --json
    """
    from greenflash_kafka.cli.diff_work import DiffSettings, show

    if as_json and markdown:
        raise click.UsageError("--json and --markdown: one of them")
    settings = DiffSettings(topics, workers, not no_ids, examples, values)
    return show(old, new, mappings, flags, settings, "json" if as_json else "markdown" if markdown else "text", fail_on)

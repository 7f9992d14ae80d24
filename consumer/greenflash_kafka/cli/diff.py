"""`greenflash-kafka diff`: what a change of the rules does, on real history."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click

from greenflash_kafka.cli import history_options
from greenflash_kafka.cli.diff_work import DiffSettings, compare
from greenflash_kafka.cli.history_options import HistoryFlags, mappings_of
from greenflash_kafka.cli.mapping_paths import mapping_paths
from greenflash_kafka.diff.report_markdown import as_markdown
from greenflash_kafka.diff.report_text import as_text
from greenflash_kafka.diff.verdict import FORMS, check, failures

INTERRUPTED: Final = 130


@click.command(name="diff")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.option(
    "--mappings",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Where the rules are, in revisions and on disk [default: the configuration's, or mappings].",
)
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these of the topics that the rules read.")
@history_options.options
@click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes [default: one a core for long history]."
)
@click.option("--no-ids", is_flag=True, help="Don't compare ids over messages: no temporary files, no 'as stored'.")
@click.option("--examples", type=click.IntRange(0, 100), default=5, show_default=True, help="Examples of each change.")
@click.option("--values", is_flag=True, help="Show values of messages in examples.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--markdown", is_flag=True, help="Print the report for a pull request.")
@click.option("--fail-on", metavar="LIST", default="", help=f"Exit with 1 if any of these holds: {FORMS}.")
def command(
    old: str | None,
    new: str | None,
    mappings: tuple[Path, ...],
    topics: tuple[str, ...],
    workers: int | None,
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
    from greenflash_kafka.cli.diff_sides import sides

    conditions = [each.strip() for each in fail_on.split(",") if each.strip()]
    try:
        check(conditions)
    except ValueError as error:
        raise click.UsageError(f"--fail-on: {error}") from None
    given = HistoryFlags(**flags)
    with ExitStack() as stack:
        compared = stack.enter_context(sides(old, new, mapping_paths(mappings or mappings_of(given)), os.environ))
        folder = None if no_ids else Path(stack.enter_context(TemporaryDirectory(prefix="greenflash-kafka-diff-")))
        settings = DiffSettings(topics, workers, folder, examples, values)
        found = compare(compared, given, settings, sys.stderr)
    if as_json:
        click.echo(found.to_json())
    elif markdown:
        click.echo(as_markdown(found))
    else:
        click.echo(as_text(found))
    failed = failures(found, conditions)
    if failed:
        click.echo(f"--fail-on: {', '.join(failed)}", err=True)
    return INTERRUPTED if found.partial else int(bool(failed))

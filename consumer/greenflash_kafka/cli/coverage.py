"""`greenflash-kafka coverage`: which event names have rules, and whether rules find what they read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cli import history_flags


@click.command(name="coverage")
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these of the topics that the rules read.")
@history_flags.options
@history_flags.workers
@click.option(
    "--baseline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An earlier report (--json): what is new, and what has drifted since.",
)
@click.option("--no-links", is_flag=True, help="Don't read the topics of conversations.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("--fail-on", metavar="LIST", default="", help="Exit with 1 if any holds: new, drift, unmatched.")
def command(
    paths: tuple[Path, ...],
    topics: tuple[str, ...],
    baseline: Path | None,
    no_links: bool,
    as_json: bool,
    fail_on: str,
    workers: int,
    **flags: Any,
) -> int:
    """Show which event names have no rule, and which rules find nothing: nothing is sent or committed.

    PATH is a mapping file or a folder; the configuration's mappings, or `mappings`, if none is given. The event name is
    the field that most of a topic's rules test for literals. Names that mean nothing belong into `ignored` of a mapping
    file: they aren't asked about again.

    \b
    Examples:
      greenflash-kafka coverage --since 7d
      greenflash-kafka coverage --since 7d --json > coverage.json
      greenflash-kafka coverage --since 1d --baseline coverage.json --fail-on new,drift
    """
    from greenflash_kafka.cli.coverage_work import CoverageFlags, show_coverage

    given = CoverageFlags(paths, topics, baseline, not no_links, as_json, fail_on, workers)
    return show_coverage(given, flags)

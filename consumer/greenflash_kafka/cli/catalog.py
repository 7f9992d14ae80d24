"""`greenflash-kafka catalog`: the tracking plan and the rules, for people who never see YAML."""

from __future__ import annotations

import os
from pathlib import Path

import click

from greenflash_kafka.cli.mapping_paths import mapping_paths


@click.command("catalog")
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "csv"]),
    default="markdown",
    show_default=True,
    help="A page, or a sheet with one line a rule.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write, over what is there [default: standard output].",
)
def command(paths: tuple[Path, ...], form: str, output: Path | None) -> int:
    """Write event types and rules for people who never see YAML. PATH is a file or a folder; `mappings` if none is
    given.

    The event types' meanings, owners and properties come from the tracking plan, events.yaml in that folder; each
    rule says in words what it takes. The same files always give the same text, so the page can be kept in git.

    \b
    Examples:
      greenflash-kafka catalog
      greenflash-kafka catalog mappings --output CATALOG.md
      greenflash-kafka catalog --format csv --output catalog.csv
    """
    from greenflash_kafka.cli import catalog_output  # the rules, which `--help` doesn't need

    return catalog_output.write(mapping_paths(paths), os.environ, form, output)

"""The work of `catalog`: the rules and their plan, read and written in the form that is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from greenflash_kafka.cli.catalog_page import as_markdown
from greenflash_kafka.cli.catalog_sheet import as_csv
from greenflash_kafka.cli.finding_reports import as_text
from greenflash_kafka.loading import hold_to_plan
from greenflash_kafka.mappings.files import MappingLoader
from greenflash_kafka.model.counted import counted
from greenflash_kafka.tracking.catalog_entries import make_catalog


def write(paths: Sequence[Path], environ: Mapping[str, str], form: str, output: Path | None) -> int:
    """Write the catalog of these files to a file or to standard output; 1 if they have errors, which are then on
    standard error."""
    loader = MappingLoader(environ, strict_env=False)
    loader.add(paths)
    plan = hold_to_plan(loader, paths)
    errors = [each for each in loader.loaded(whole=False).findings if each.severity == "error"]
    if errors:
        click.echo(as_text(errors), err=True)
        return 1
    catalog = make_catalog(loader.files, plan)
    text = as_csv(catalog) if form == "csv" else as_markdown(catalog)
    if output is None:
        click.echo(text.encode(), nl=False)
        return 0
    try:
        output.write_bytes(text.encode())
    except OSError as error:
        raise click.UsageError(f"{output} can't be written: {error.strerror or error}") from None
    click.echo(
        f"{counted(len(catalog.rules), 'rule')} and {counted(len(catalog.types), 'event type')} are in {output}."
    )
    return 0

"""`greenflash-kafka presets diff`: how a copied preset differs from the shipped version."""

from __future__ import annotations

from pathlib import Path

import click

from greenflash_kafka.cli.preset_diff import difference
from greenflash_kafka.cli.preset_folder import preset_named, stamp_of


@click.command("diff")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> int:
    """Show how FILE, which came from a preset, differs from the shipped version: rules, ids of events, lines.

    A rule whose ids of events differ is named first: events that are sent again under another id are stored twice.
    Lines that link are compared whether they are commented out or not. Exits with 1 if something differs.

    \b
    Examples:
      greenflash-kafka presets diff mappings/stripe.yaml
    """
    text = file.read_text(encoding="utf-8", errors="replace")
    stamp = stamp_of(text)
    if stamp is None:
        raise click.UsageError(f"{file} didn't come from a preset: its first line isn't `# preset: NAME VERSION (...)`")
    shown = difference(text, preset_named(stamp.name), str(file))
    click.echo("\n".join(shown.lines))
    return 1 if shown.differs else 0

"""`greenflash-kafka init`: a starter folder that passes lint and test as it is."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from greenflash_kafka.cli.editor_files import MAPPING_SCHEMA, SETTINGS, write_schemas, write_settings

FILES: Final[dict[str, str]] = {
    "greenflash-kafka.yaml": "config.yaml",
    "mappings/shop.yaml": "mapping.yaml",
    "mappings/shop_test.yaml": "cases.yaml",
    "docker-compose.yml": "compose.yaml",
    ".env.example": "env.txt",
    ".gitignore": "gitignore.txt",
    ".github/workflows/mappings.yml": "workflow.yaml",
    "README.md": "readme.txt",
}
"""Each file that is written, and the file of `starter/` that it comes from. The files for editors come on top."""


@click.command("init")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--schemas", is_flag=True, help="Only write the editors' schemas of DIR/mappings again, after an update.")
def command(directory: Path, schemas: bool) -> int:
    """Write a starter folder to DIR: config, a mapping with its cases, compose file, CI workflow, README.

    Nothing is overwritten: when one of these files exists, nothing is written at all. Three JSON schemas and
    .vscode/settings.json make an editor complete and check mapping files; they are left as they are where they exist.

    \b
    Examples:
      greenflash-kafka init metrics && cd metrics && greenflash-kafka test
      greenflash-kafka init .
      greenflash-kafka init --schemas .             after an update of greenflash-kafka
    """
    if schemas:
        _refresh(directory)
        return 0
    there = [name for name in FILES if (directory / name).exists()]
    if there:
        raise click.UsageError(
            f"{directory} has {', '.join(there)} already; nothing was written. Name another folder, or write the "
            "editors' schemas alone: `greenflash-kafka init --schemas DIR`."
        )
    _write_starter(directory)
    _write_editor_files(directory, overwrite=False)
    click.echo(
        f"\nNow, in {directory}:\n"
        "  greenflash-kafka lint      checks the rules\n"
        "  greenflash-kafka test      runs their cases\n"
        "README.md says how to see them at work, with Docker, and how to go live."
    )
    return 0


def _refresh(directory: Path) -> None:
    if not (directory / "mappings").is_dir():
        raise click.UsageError(f"{directory} has no folder `mappings`; DIR is the folder that holds it.")
    _write_editor_files(directory, overwrite=True)


def _write_starter(directory: Path) -> None:
    starter = files("greenflash_kafka.cli.starter")
    for name, source in FILES.items():
        target = directory / name
        text = (starter / source).read_text(encoding="utf-8").replace("-VERSION-", f"-{version('greenflash-kafka')}-")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            # "x": a file that has come into being in the meantime is not overwritten either.
            with target.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise click.UsageError(f"{target} can't be written: {error.strerror or error}") from None
        click.echo(f"  {target}")


def _write_editor_files(directory: Path, *, overwrite: bool) -> None:
    try:
        written = write_schemas(directory, overwrite=overwrite) | write_settings(directory)
    except OSError as error:
        raise click.UsageError(f"{error.filename} can't be written: {error.strerror or error}") from None
    for target, is_new in written.items():
        click.echo(f"  {target}" + ("" if is_new else "   left as it is: it was there"))
    if MAPPING_SCHEMA not in (directory / SETTINGS).read_text(encoding="utf-8", errors="replace"):
        click.echo("  (an editor then needs the first line of each file, `# yaml-language-server: $schema=...`)")

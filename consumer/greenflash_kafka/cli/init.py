"""`greenflash-kafka init`: a starter folder that passes lint and test as it is."""

from __future__ import annotations

from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

FILES: Final[dict[str, str]] = {
    "greenflash-kafka.yaml": "config.yaml",
    "mappings/shop/orders.yaml": "mapping.yaml",
    "mappings/shop/orders_test.yaml": "cases.yaml",
    "docker-compose.yml": "compose.yaml",
    ".env.example": "env.txt",
    ".gitignore": "gitignore.txt",
    ".github/workflows/mappings.yml": "workflow.yaml",
    "README.md": "readme.txt",
}
"""What is written, and the file of `starter/` that it comes from."""


@click.command("init")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def command(directory: Path) -> int:
    """Write a starter folder to DIR: config, a mapping with its cases, compose file, CI workflow, README.

    Nothing is ever overwritten: when one of the files is there already, nothing is written at all.

    \b
    Examples:
      greenflash-kafka init metrics && cd metrics && greenflash-kafka test
      greenflash-kafka init .
    """
    there = [name for name in FILES if (directory / name).exists()]
    if there:
        raise click.UsageError(f"{directory} has {', '.join(there)} already; nothing was written. Name another folder.")
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
    click.echo(
        f"\nNow, in {directory}:\n"
        "  greenflash-kafka lint                       checks the rules\n"
        "  greenflash-kafka test                       runs their cases\n"
        "To see them at work on orders of a made-up shop, with Docker:\n"
        "  docker build -t greenflash-kafka CHECKOUT   once: no registry has the image;\n"
        "                                              CHECKOUT is a checkout of greenflash-kafka\n"
        "  docker compose up                           events arrive at http://localhost:8787\n"
        "README.md says how to go live."
    )
    return 0

"""`greenflash-kafka schemas pull`: the registry's schemas, written beside the mapping files."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("pull")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here].",
)
@click.option("--topic", "topics", metavar="NAME", multiple=True, help="A topic [default: those that rules read].")
@click.option("--subject", "subjects", metavar="NAME", multiple=True, help="A subject that isn't named after a topic.")
@click.option(
    "--seen",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    help="Also the schemas that the last N messages of the topics name; needs the broker.",
)
def command(file: Path | None, topics: tuple[str, ...], subjects: tuple[str, ...], seen: int | None) -> int:
    """Write schemas of the registry into the folder `schemas` (or what the configuration says): the 20 newest versions
    of the subjects <topic>-value and <topic>-key.

    The same registry gives the same files, so that a diff in git shows what a producer changed. `lint`, `test` and
    `try` read the folder; `run` uses it while the registry doesn't answer. Exits with 1 when there is no answer.

    \b
    Examples:
      greenflash-kafka schemas pull
      greenflash-kafka schemas pull --topic shop.orders --seen 1000
      greenflash-kafka schemas pull && git diff schemas
    """
    from greenflash_kafka.cli import schema_pulling

    return schema_pulling.pull_into_folder(file, os.environ, topics, subjects, seen)

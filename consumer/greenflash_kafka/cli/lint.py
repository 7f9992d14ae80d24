"""`greenflash-kafka lint`: every finding of the mapping files and the cases files beside them."""

from __future__ import annotations

import os
from pathlib import Path

import click

from greenflash_kafka.cli.mapping_paths import mapping_paths


@click.command("lint")
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The config file (YAML), for what the mappings must not read [default: greenflash-kafka.yaml, if it is here].",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True, help="Output."
)
@click.option(
    "--samples",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of messages (*.json) beside samples/; TOPIC/x.json is of that topic. May be repeated.",
)
@click.option("--strict", is_flag=True, help="Warnings fail, too; advice never does.")
@click.option("--registry", "ask", is_flag=True, help="Look at the schemas that the registry of the config has now.")
@click.option(
    "--explain", "code", metavar="CODE", help="Say what a code means, with a wrong and a right example; no files."
)
def command(
    paths: tuple[Path, ...],
    file: Path | None,
    form: str,
    samples: tuple[Path, ...],
    strict: bool,
    ask: bool,
    code: str | None,
) -> int:
    """Check mapping files and cases files. PATH is a file or a folder; `mappings` if none is given.

    Each finding has file, line, column, code and message, and a hint where there is one. Exits with 1 when there
    are errors. A variable that ${NAME} names, and that neither the environment nor a cases file's `env` gives, is a
    warning only: `run` refuses it.
    Samples (`samples/*.json` beside the mapping files) show more: paths that no message has, literals of another kind,
    times of another unit, amounts a hundred times off, personal data.
    Schemas show fields that aren't there: those of the folder `schemas`, or with --registry those of today.
    Of the config file only dead_letter.topic counts, which no mapping file may read, and schema_registry.

    \b
    Examples:
      greenflash-kafka lint
      greenflash-kafka lint mappings/billing/stripe.yaml
      greenflash-kafka lint mappings --strict --format github     in a GitHub workflow
      greenflash-kafka lint --samples exported              exported/TOPIC/*.json
      greenflash-kafka lint --format json | jq '.[].code'
      greenflash-kafka lint --explain near-event-type
    """
    from greenflash_kafka.cli import explained_code, linted

    if code is not None:
        return explained_code.explain(code)
    return linted.show(mapping_paths(paths), file, os.environ, form, samples, strict=strict, ask=ask)

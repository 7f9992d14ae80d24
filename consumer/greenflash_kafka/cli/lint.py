"""`greenflash-kafka lint`: every finding of the mapping files and the cases files beside them."""

from __future__ import annotations

from pathlib import Path

import click


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
@click.option("--strict", is_flag=True, help="Warnings fail, too; advice never does.")
def command(paths: tuple[Path, ...], file: Path | None, form: str, strict: bool) -> int:
    """Check mapping files and cases files. PATH is a file or a folder; `mappings` if none is given.

    Each finding has file, line, column, code and message, and a hint where there is one. Exits with 1 when there
    are errors. A variable that ${NAME} names, and that neither the environment nor a cases file's `env` gives, is a
    warning only: `run` refuses it.
    Of the config file only dead_letter.topic counts, which no mapping file may read.

    \b
    Examples:
      greenflash-kafka lint
      greenflash-kafka lint mappings/billing/stripe.yaml
      greenflash-kafka lint mappings --strict --format github     in a GitHub workflow
      greenflash-kafka lint --format json | jq '.[].code'
    """
    import os

    from greenflash_kafka.cases.linting import lint
    from greenflash_kafka.cli.finding_reports import FORMATS
    from greenflash_kafka.cli.paths import mapping_paths
    from greenflash_kafka.cli.style import show
    from greenflash_kafka.config.location import config_file, variable

    dead_letters = None
    found = config_file(file, os.environ)
    if found is not None or variable(("dead_letter", "topic")) in os.environ:
        from greenflash_kafka.config.load import examine  # costs as much as all the rest of lint

        # What else is wrong with the configuration is `doctor`'s to say: here it may have none of its secrets.
        config, _ = examine(found, os.environ, required=())
        dead_letters = None if config is None else config.dead_letter.topic
    findings = lint(mapping_paths(paths), os.environ, dead_letters)
    show(FORMATS[form](findings))
    failing = ("error", "warning") if strict else ("error",)
    return 1 if any(each.severity in failing for each in findings) else 0

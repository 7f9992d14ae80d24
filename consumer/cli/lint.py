"""`greenflash-kafka lint`: every finding of the mapping files and the cases files beside them."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("lint")
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True, help="Output."
)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
def command(paths: tuple[Path, ...], form: str, strict: bool) -> int:
    """Check mapping files and cases files. PATH is a file or a folder; `mappings` if none is given.

    Each finding has file, line, column, code and message, and a hint where there is one. Exits with 1 when there
    are errors. A variable that ${NAME} names and that isn't set here is a warning only: `run` refuses it.

    \b
    Examples:
      greenflash-kafka lint
      greenflash-kafka lint mappings/billing/stripe.yaml
      greenflash-kafka lint mappings --strict --format github     in a GitHub workflow
      greenflash-kafka lint --format json | jq '.[].code'
    """
    import os

    from consumer.cases.lint import lint
    from consumer.cli.findings import FORMATS
    from consumer.cli.paths import mapping_paths

    findings = lint(mapping_paths(paths), os.environ)
    click.echo(FORMATS[form](findings))
    failing = ("error", "warning") if strict else ("error",)
    return 1 if any(each.severity in failing for each in findings) else 0

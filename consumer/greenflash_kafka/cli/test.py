"""`greenflash-kafka test`: the cases and samples beside the mapping files, run by the production engine."""

from __future__ import annotations

from pathlib import Path

import click

from greenflash_kafka.cli.mapping_paths import mapping_paths


@click.command("test")
@click.argument("paths", metavar="[PATH...]", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True, help="Output."
)
@click.option("-k", "word", metavar="WORD", default="", help="Only cases and samples with this in their name.")
@click.option("--update", is_flag=True, help="Write the snapshots of samples that are missing or differ.")
@click.option("--strict", is_flag=True, help="A rule that nothing matches, or that nothing is refused by, fails.")
def command(paths: tuple[Path, ...], form: str, word: str, update: bool, strict: bool) -> int:
    """Run cases and samples. PATH is a mapping file, a cases file (x_test.yaml tests x.yaml) or a folder; `mappings` if
    none is given.

    What becomes of a sample, samples/x.json beside mapping files, is compared with its snapshot, samples/x.events.yaml;
    --update writes the snapshots: review their changes before you commit them.

    A case that fails shows what was expected (-) and what came (+). Exits with 1 when one fails, or nothing ran. The
    machine's own variables are never read: a cases file says under `env:` what ${NAME} is.

    \b
    Examples:
      greenflash-kafka test
      greenflash-kafka test mappings/billing/stripe.yaml
      greenflash-kafka test -k yen
      greenflash-kafka test --update && git diff mappings
      greenflash-kafka test --strict
      greenflash-kafka test --format junit > cases.xml        for a CI server
    """
    from greenflash_kafka.cli import case_reports

    return case_reports.show(mapping_paths(paths), word, form, update=update, strict=strict)

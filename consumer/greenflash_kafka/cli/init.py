"""`greenflash-kafka init`: a starter folder that passes lint and test as it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from greenflash_kafka.cli.editor_files import MAPPING_SCHEMA, SETTINGS, write_schemas, write_settings
from greenflash_kafka.cli.preset_copy import chosen_presets, copied_files, has_rules
from greenflash_kafka.cli.preset_next_steps import next_steps

FILES: Final[dict[str, str]] = {
    "greenflash-kafka.yaml": "config.yaml",
    "mappings/shop.yaml": "mapping.yaml",
    "mappings/shop_test.yaml": "cases.yaml",
    "docker-compose.yml": "compose.yaml",
    ".env.example": "env.txt",
    ".gitignore": "gitignore.txt",
    ".github/workflows/mappings.yml": "workflow.yaml",
    ".pre-commit-config.yaml": "hooks.yaml",
    "README.md": "readme.txt",
}
"""Each file that is written, and the file of `starter/` that it comes from. The files for editors come on top."""

OF_THE_SHOP: Final = ("mappings/shop.yaml", "mappings/shop_test.yaml", "docker-compose.yml")
"""Files of the example, which a folder of presets doesn't get: its rules are the presets'."""


@click.command("init")
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--schemas", is_flag=True, help="Only write the editors' schemas of DIR/mappings again, after an update.")
@click.option(
    "--preset",
    "presets",
    metavar="NAME[,NAME...]",
    help="In place of the example the rules of these presets; `greenflash-kafka presets` lists them.",
)
def command(directory: Path, schemas: bool, presets: str | None) -> int:
    """Write a starter folder to DIR: config, a mapping with its cases, compose file, CI workflow, README.

    Nothing is overwritten: when one of these files exists, nothing is written at all. Three JSON schemas and
    .vscode/settings.json make an editor complete and check mapping files; they are left as they are where they exist.
    A folder that has a greenflash-kafka.yaml gets the files of --preset alone. Beside rules that are there, presets are
    tried first: if lint would have new errors, nothing is written.

    \b
    Examples:
      greenflash-kafka init metrics && cd metrics && greenflash-kafka test
      greenflash-kafka init .
      greenflash-kafka init metrics --preset stripe,intercom
      greenflash-kafka init --schemas .             after an update of greenflash-kafka
    """
    if schemas:
        _refresh(directory)
        return 0
    texts = _starter_texts() if presets is None else _preset_texts(presets, directory)
    there = [name for name in texts if (directory / name).exists()]
    if there:
        raise click.UsageError(
            f"{directory} has {', '.join(there)} already; nothing was written. Name another folder, or write the "
            "editors' schemas alone: `greenflash-kafka init --schemas DIR`."
        )
    if presets is not None:
        _check_presets(directory, texts)
    _write(directory, texts)
    _write_editor_files(directory, overwrite=False)
    if presets is None:
        click.echo(_NEXT.format(directory=directory))
    else:
        click.echo(next_steps(presets, directory))
    return 0


_SHOWN: Final = 5

_NEXT: Final = """
Now, in {directory}:
  greenflash-kafka lint      checks the rules
  greenflash-kafka test      runs their cases
README.md says how to see them at work, with Docker, and how to go live."""


def _starter_texts() -> dict[str, str]:
    starter, release = files("greenflash_kafka.cli.starter"), f"-{version('greenflash-kafka')}-"
    return {
        name: (starter / source).read_text(encoding="utf-8").replace("-VERSION-", release)
        for name, source in FILES.items()
    }


def _preset_texts(presets: str, directory: Path) -> dict[str, str]:
    copied = copied_files(chosen_presets(presets), directory / "mappings")
    texts = {str(path.relative_to(directory)): text for path, text in copied.items()}
    if (directory / "greenflash-kafka.yaml").exists():
        return texts
    starter = {name: text for name, text in _starter_texts().items() if name not in OF_THE_SHOP}
    starter["README.md"] = (files("greenflash_kafka.cli.starter") / "preset_readme.txt").read_text(encoding="utf-8")
    return starter | texts


def _check_presets(directory: Path, texts: Mapping[str, str]) -> None:
    """Refuse presets that the rules which are there already, and their tracking plan, leave no room for."""
    if not (directory / "mappings").is_dir() or not has_rules(directory / "mappings"):
        return
    from greenflash_kafka.cli.preset_trial import new_errors

    errors = new_errors(directory, texts, os.environ)
    if errors:
        shown = "".join(f"\n  {each}" for each in errors[:_SHOWN])
        more = f"\n  and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
        raise click.UsageError(
            f"nothing was written: beside the rules of {directory / 'mappings'} lint would have new errors:"
            f"{shown}{more}\nMend what they name first, or name another folder."
        )


def _refresh(directory: Path) -> None:
    if not (directory / "mappings").is_dir():
        raise click.UsageError(f"{directory} has no folder `mappings`; DIR is the folder that holds it.")
    _write_editor_files(directory, overwrite=True)


def _write(directory: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        target = directory / name
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

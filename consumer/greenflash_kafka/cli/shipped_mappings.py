"""The folder of mappings that this project ships, and the JSON schemas in it."""

from __future__ import annotations

from pathlib import Path

import click

import greenflash_kafka.demo


def shipped_mappings() -> Path:
    """The mappings of this project: installed beside the demo, or in an editable installation at the checkout's top."""
    package = Path(greenflash_kafka.demo.__file__).resolve().parent
    for folder in (package / "mappings", package.parents[2] / "mappings"):
        if (folder / "billing").is_dir():
            return folder
    raise click.UsageError("this installation lacks the shipped mappings: give --mappings, or install it again")

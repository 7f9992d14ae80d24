"""The mapping files that a verb uses when none is given on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

USUAL = Path("mappings")


def mapping_paths(given: Sequence[Path]) -> list[Path]:
    """The paths given, else `mappings`; raises click's usage error when there is neither."""
    if given:
        return list(given)
    if not USUAL.exists():
        raise click.UsageError(
            "there is no folder `mappings` here; name a file or folder, or make one with `greenflash-kafka init DIR`"
        )
    return [USUAL]

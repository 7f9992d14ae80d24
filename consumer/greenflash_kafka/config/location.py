"""Location of the configuration: the config file, and the names of environment variables. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

PREFIX: Final = "GREENFLASH_KAFKA_"
CONFIG_VARIABLE: Final = "GREENFLASH_KAFKA_CONFIG"
"""Names the config file, like `--config`."""

CONFIG_FILE: Final = Path("greenflash-kafka.yaml")
"""Read when neither names one, if it is there; `init` writes it."""


def variable(path: tuple[str, ...]) -> str:
    """The environment variable of a key: ("kafka", "group") is GREENFLASH_KAFKA_KAFKA__GROUP."""
    return PREFIX + "__".join(part.upper() for part in path)


def config_file(given: Path | None, environ: Mapping[str, str]) -> Path | None:
    """The config file to read: the one given, else the one that GREENFLASH_KAFKA_CONFIG names, else
    greenflash-kafka.yaml where we stand, if there is one."""
    if given is not None:
        return given
    named = environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named)
    return CONFIG_FILE if CONFIG_FILE.is_file() else None

"""Schemas of the registry for verbs at a terminal: `try --registry`, `lint --registry`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from greenflash_kafka.app.schema_sources import folder_of, registry_settings, with_folder
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.ports import Schemas


def schemas(given: Path | None, environ: Mapping[str, str], mappings: Sequence[Path]) -> Schemas:
    """The registry of the config file, with the folder beside these mapping files while it doesn't answer. Raises
    `ConfigInvalid`."""
    config = load_config(config_file(given, environ), environ, required=())
    settings = registry_settings(config, environ)
    if settings is None:
        raise ConfigInvalid("there is no schema registry to ask: set schema_registry.url in the config file")
    return with_folder(settings, folder_of(config.schemas, mappings), SystemClock(), Quiet())

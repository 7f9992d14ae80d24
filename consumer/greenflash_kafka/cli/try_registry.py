"""Schemas of the registry for verbs at a terminal: `try --registry`, `lint --registry`."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from greenflash_kafka.app.schema_sources import folder_of, registry_settings, with_folder
from greenflash_kafka.cli.schema_pulling import subjects_of, topics_of
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.loading import load
from greenflash_kafka.ports import Schemas
from greenflash_kafka.schemas.folder import SchemaFolder
from greenflash_kafka.schemas.pull import pull, write
from greenflash_kafka.schemas.registry_connection import RegistrySettings
from greenflash_kafka.schemas.registry_questions import RegistryQuestions


def schemas(given: Path | None, environ: Mapping[str, str], mappings: Sequence[Path]) -> Schemas:
    """The registry of the config file, with the folder beside these mapping files while it doesn't answer. Raises
    `ConfigInvalid`."""
    config, settings = _registry(given, environ)
    return with_folder(settings, folder_of(config.schemas, mappings), SystemClock(), Quiet())


def pulled(given: Path | None, environ: Mapping[str, str], mappings: Sequence[Path]) -> SchemaFolder | None:
    """What `schemas pull` would write of the topics of these mapping files; None if these have errors. Raises
    `ConfigInvalid` and `RegistryUnusable`."""
    _, settings = _registry(given, environ)
    ruleset = load(list(mappings), environ, strict_env=False).ruleset
    if ruleset is None:
        return None
    questions = RegistryQuestions(settings, SystemClock())
    try:
        found = pull(questions, subjects_of(topics_of(ruleset), ruleset))
    finally:
        questions.close()
    with tempfile.TemporaryDirectory() as directory:
        write(found, settings.urls[0], Path(directory))
        return SchemaFolder(Path(directory)).whole()


def _registry(given: Path | None, environ: Mapping[str, str]) -> tuple[Config, RegistrySettings]:
    config = load_config(config_file(given, environ), environ, required=())
    settings = registry_settings(config, environ)
    if settings is None:
        raise ConfigInvalid("there is no schema registry to ask: set schema_registry.url in the config file")
    return config, settings

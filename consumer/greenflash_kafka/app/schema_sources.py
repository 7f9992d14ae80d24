"""Schemas of one process: the registry that the configuration names, the folder of pulled schemas, or both in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import Random

from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import registry_secrets
from greenflash_kafka.documents.given_values import resolve_values
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.ports import Clock, Listener, Schemas
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.schemas.folder import SchemaFolder, folder_beside
from greenflash_kafka.schemas.folder_first import FolderFirst
from greenflash_kafka.schemas.registry_connection import RegistrySettings
from greenflash_kafka.schemas.schema_registry import SchemaRegistry


def registry_properties(config: Config, environ: Mapping[str, str]) -> Mapping[str, str]:
    """`schema_registry.properties` with the values that they have now."""
    return resolve_values(config.schema_registry.properties, environ)[0]


def registry_settings(
    config: Config, environ: Mapping[str, str], redactor: Redactor | None = None
) -> RegistrySettings | None:
    """How the registry is asked; None if the configuration names none. `redactor` is told of new secrets."""
    options = config.schema_registry
    if options.url is None:
        return None
    return RegistrySettings(
        urls=tuple(options.url.split(",")),
        properties=_current(config, environ, redactor),
        timeout=options.timeout_seconds,
        unknown_seconds=options.unknown_id_seconds,
        proxy=options.proxy,
    )


def schema_folder(config: Config) -> SchemaFolder | None:
    """The folder of pulled schemas, if there is one."""
    return folder_of(config.schemas, config.mappings)


def folder_of(given: Path | None, mappings: Iterable[Path]) -> SchemaFolder | None:
    """The folder that is given, else the one beside these mapping files; None if there is none."""
    return folder_beside(mappings) if given is None else SchemaFolder(given)


def schemas_of_run(
    config: Config, environ: Mapping[str, str], clock: Clock, listener: Listener, redactor: Redactor | None = None
) -> Schemas | None:
    """Those that `run` decodes with: an id means something in one registry alone, so without one there are none.
    Raises `ConfigInvalid` for a folder that can't be read."""
    settings = registry_settings(config, environ, redactor)
    if settings is None:
        return None
    folder = schema_folder(config)
    if folder is not None and folder.findings:
        lines = [f"  {each.where}: {each.message}" for each in folder.findings]
        raise ConfigInvalid("the folder of schemas can't be used; pull it again:\n" + "\n".join(lines))
    return with_folder(settings, folder, clock, listener)


def with_folder(settings: RegistrySettings, folder: SchemaFolder | None, clock: Clock, listener: Listener) -> Schemas:
    """A registry, and the folder that bridges its outages."""
    registry = SchemaRegistry(settings, clock, listener, Random().random)
    return registry if folder is None else FolderFirst(registry, folder, settings.urls, clock, listener)


def _current(config: Config, environ: Mapping[str, str], redactor: Redactor | None) -> Callable[[], Mapping[str, str]]:
    last = registry_properties(config, environ)

    def current() -> Mapping[str, str]:
        nonlocal last
        found, unreadable = resolve_values(config.schema_registry.properties, environ)
        # A secret's file that is just being replaced is read at the next try.
        if not unreadable and found != last:
            last = found
            if redactor is not None:
                for each in registry_secrets(found):
                    redactor.add(each)
        return last

    return current

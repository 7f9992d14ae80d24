"""The work of `schemas pull`: which subjects and ids, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from greenflash_kafka.app.schema_sources import registry_settings, schema_folder
from greenflash_kafka.app.settings import client_settings
from greenflash_kafka.cli.seen_schemas import keys_in_topics
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.loading import load
from greenflash_kafka.model.schema import SchemaKey
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.schemas.folder import FOLDER, INDEX
from greenflash_kafka.schemas.pull import pull, subjects_of_topic, write
from greenflash_kafka.schemas.registry_questions import RegistryQuestions

SECONDS = 30.0
"""How long messages are read for `--seen`."""


def pull_into_folder(
    given: Path | None,
    environ: Mapping[str, str],
    topics: Sequence[str],
    subjects: Sequence[str],
    seen: int | None,
) -> int:
    """Pull, write, and say what is new. Raises `ConfigInvalid` and `RegistryUnusable`."""
    required = ["kafka.bootstrap_servers"] if seen else []
    config = load_config(config_file(given, environ), environ, required=required)
    settings = registry_settings(config, environ)
    if settings is None:
        raise ConfigInvalid("there is no schema registry to ask: set schema_registry.url")
    ruleset = load(list(config.mappings), environ, strict_env=False).ruleset
    if ruleset is None and not topics:
        raise ConfigInvalid("the mapping files have errors: run `greenflash-kafka lint`, or name topics by --topic")
    names = list(topics) or topics_of(ruleset)
    questions = RegistryQuestions(settings, SystemClock())
    try:
        wanted = [*subjects_of(names, ruleset), *subjects]
        keys = sorted(_keys(config, environ, names, seen), key=repr) if seen else []
        pulled = pull(questions, wanted, keys)
        if not pulled.found:
            questions.subjects()  # raises where what answers is no registry
    finally:
        questions.close()
    path = _folder(config)
    # Nothing is written over what is there, and no empty index.
    new, changed = write(pulled, settings.urls[0], path) if pulled.found else ([], [])
    for each in new:
        click.echo(f"new      {path / each}")
    for each in changed:
        click.echo(f"changed  {path / each}")
    for name, text in pulled.refused.items():
        click.echo(f"refused  {name}: {text}", err=True)
    for name in pulled.missing:
        if not name.endswith("-key"):
            click.echo(f"missing  the registry has no subject {name}", err=True)
    count = len(pulled.found)
    numbers = f"{_schemas(new)} new, {_schemas(changed)} changed"
    click.echo(f"{count} schema{'s' if count != 1 else ''} in {path}; {numbers}")
    return 0 if count or not names else 1


def _schemas(files: Sequence[str]) -> int:
    return sum(each != INDEX for each in files)


def _folder(config: Config) -> Path:
    """The folder that is there or configured, else `schemas` beside the folder of mapping files."""
    if config.schemas is not None:
        return config.schemas
    found = schema_folder(config)
    if found is not None:
        return found.path
    mappings = config.mappings[0]
    return (mappings if mappings.is_file() else mappings.absolute()).parent / FOLDER


def topics_of(ruleset: Ruleset | None) -> list[str]:
    """The topics that rules, conversation sources and tables name."""
    if ruleset is None:
        return []
    return sorted({*ruleset.topics, *ruleset.conversation_topics, *ruleset.table_topics})


def subjects_of(topics: Iterable[str], ruleset: Ruleset | None) -> list[str]:
    """The subjects of topics: as their mapping files say, else by the usual naming."""
    found = []
    for topic in topics:
        named = None if ruleset is None else ruleset.format_of(topic).subject
        value, key = subjects_of_topic(topic)
        found += [named or value, key]
    return found


def _keys(config: Config, environ: Mapping[str, str], topics: Sequence[str], seen: int) -> set[SchemaKey]:
    """The keys that the last messages of these topics name."""
    return set(keys_in_topics(client_settings(config.kafka, environ), topics, seen, SECONDS))

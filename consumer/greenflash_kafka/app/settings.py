"""Settings of each room, made of the sections of the configuration that concern it; and the rules that it names."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

from greenflash_kafka.config.model import Delivery, Greenflash, Kafka, Rules
from greenflash_kafka.config.secrets import api_key, hash_key
from greenflash_kafka.decoding.format_faults import format_fault
from greenflash_kafka.delivery.dispatcher import DispatcherSettings
from greenflash_kafka.delivery.endpoint import ServiceSettings
from greenflash_kafka.errors import ConfigInvalid, MappingsInvalid
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.formats import SCHEMA_FORMATS
from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.ports import Schemas
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.given_properties import resolve
from greenflash_kafka.source.subscription import Subscription


def load_rules(mappings: Sequence[Path], environ: Mapping[str, str], dead_letters: str | None = None) -> Ruleset:
    """The rules of these files and folders; raises `MappingsInvalid` with every finding that is an error, and
    `ConfigInvalid` when they read `dead_letters`, the topic that this run writes dead letters to."""
    gone = [str(each.absolute()) for each in mappings if not each.exists()]
    if gone:
        raise ConfigInvalid(
            f"there is no such file or folder of mapping files: {', '.join(gone)}. Correct `mappings` in the config "
            "file, the variable GREENFLASH_KAFKA_MAPPINGS, or --mappings"
        )
    loaded = load(list(mappings), environ, dead_letters=dead_letters)
    loops = [each for each in loaded.findings if each.code == "dead-letter-topic"]
    if loops:
        lines = [f"  {each.where}: {each.message}; {each.hint}" for each in loops]
        raise ConfigInvalid("dead_letter.topic can't be a topic that the mapping files read:\n" + "\n".join(lines))
    if loaded.ruleset is None:
        errors = [each for each in loaded.findings if each.severity == "error"]
        lines = [f"  {each.where}: {each.code}: {each.message}" for each in errors]
        raise MappingsInvalid(
            f"the mapping files have {len(errors)} error(s); `greenflash-kafka lint` shows more:\n" + "\n".join(lines)
        )
    if not loaded.ruleset.rules:
        raise MappingsInvalid(
            "the mapping files describe conversations and have no rules, so nothing would become an event: name the "
            "files with the rules, too, or a folder that holds both"
        )
    return loaded.ruleset.with_drafts_muted()


def snapshot(
    rules: Rules,
    ruleset: Ruleset,
    cluster_id: str = "-",
    topic_ids: Mapping[str, str] = MappingProxyType({}),
    schemas: Schemas | None = None,
) -> Snapshot:
    """Evaluation by these rules as the section `rules` has it. Raises `ConfigInvalid` when the key of `hash()` can't be
    read, or there is none and a rule needs it: every field with a hash would be missing. Raises `MappingsInvalid` when
    a format can't be read here at all: every message would be a dead letter."""
    key, hashes = hash_key(rules), ruleset.hashes
    if key is None and hashes is not None:
        where = f"{hashes.file}:{hashes.place.where}"
        raise ConfigInvalid(f"there is no key for hash(), which {where} calls: set GREENFLASH_KAFKA_HASH_KEY")
    _check_formats(ruleset, registry=schemas is not None)
    context = EvaluationContext(cluster_id=cluster_id, topic_ids=topic_ids, hash_key=key, max_items=rules.max_items)
    return Snapshot(ruleset, context, schemas=schemas)


def _check_formats(ruleset: Ruleset, *, registry: bool) -> None:
    faults = []
    for file, format in ruleset.formats:
        fault = format_fault(format)
        if fault is None and format.format in SCHEMA_FORMATS and format.schema is None and not registry:
            fault = f"format {format.format} needs schema_registry.url, or the schema of bare bytes (schema: FILE)"
        if fault is not None:
            faults.append(f"  {file}: source: {fault}")
    if faults:
        raise MappingsInvalid("messages can't be read as the mapping files say:\n" + "\n".join(faults))


def conversation_topics(ruleset: Ruleset) -> Subscription | None:
    """The topics that are read for links; None if no rule links, or there is nothing to link to."""
    if not ruleset.linking_rules or not ruleset.sources:
        return None
    return Subscription(ruleset.conversation_topics, ruleset.conversation_patterns, None)


def table_topics(ruleset: Ruleset) -> Subscription | None:
    """The topics that are read for tables; None if no rule uses one."""
    return Subscription(ruleset.table_topics, (), None) if ruleset.tables else None


def read_besides(ruleset: Ruleset) -> Subscription | None:
    """All topics that are read for links and tables; None if there are none."""
    chats, tables = conversation_topics(ruleset), table_topics(ruleset)
    if chats is None or tables is None:
        return chats or tables
    return Subscription(sorted(chats.names | tables.names), chats.patterns, None)


def readers_besides(ruleset: Ruleset) -> int:
    """The number of clients that read these: one for links, one for tables."""
    return sum(each is not None for each in (conversation_topics(ruleset), table_topics(ruleset)))


def longest_delay(ruleset: Ruleset) -> float:
    """Seconds that records of conversation sources and tables may be late."""
    delays = [*(each.max_delay_ms for each in ruleset.sources), *(each.max_delay_ms for each in ruleset.tables)]
    return max(delays, default=0) / 1000


def client_settings(kafka: Kafka, environ: Mapping[str, str], *, dry_run: bool = False) -> properties.ClientSettings:
    """What the Kafka clients are made from; the config has been checked, so nothing is refused here."""
    values, _ = resolve(kafka.properties, environ)
    return properties.ClientSettings(
        bootstrap_servers=kafka.bootstrap_servers,
        # A dry run must not take partitions away from the group that works.
        group=f"{kafka.group}.dry-run.{os.getpid()}" if dry_run else kafka.group,
        group_protocol=kafka.group_protocol,
        assignor=kafka.assignor,
        properties=values,
        oauth_token_url=kafka.oauth_token_url,
    )


def start_at(kafka: Kafka) -> StartAt:
    """Where a group without offsets begins."""
    return int(kafka.start.timestamp() * 1000) if isinstance(kafka.start, datetime) else kafka.start


def sending(delivery: Delivery) -> DispatcherSettings:
    """How events go out, whoever sends them."""
    return DispatcherSettings(
        in_flight=delivery.in_flight,
        give_up_after=delivery.give_up_after,
        order=delivery.order,
        max_events_per_second=delivery.max_events_per_second,
        adaptive=delivery.concurrency == "adaptive",
    )


def service_settings(greenflash: Greenflash, delivery: Delivery) -> ServiceSettings:
    """Where Greenflash is, and how it is reached."""
    return ServiceSettings(
        base_url=greenflash.base_url,
        allow_http=greenflash.allow_http,
        transport=delivery.transport,
        timeout=greenflash.timeout_seconds,
        in_flight=delivery.in_flight,
        ca_file=None if greenflash.ca_file is None else str(greenflash.ca_file),
        proxy=greenflash.proxy,
    )


def required_key(greenflash: Greenflash) -> str:
    """The API key as it is now. Raises `ConfigInvalid` when there is none, or its file can't be read."""
    key = api_key(greenflash)
    if key is None:
        raise ConfigInvalid("there is no API key: set GREENFLASH_API_KEY, or greenflash.api_key_file")
    return key.get_secret_value()

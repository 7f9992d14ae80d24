"""The parts of an `App`, each made from the configuration."""

from __future__ import annotations

import os
import platform
import ssl
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import api_key, hash_key
from greenflash_kafka.delivery.dispatcher import DispatcherSettings
from greenflash_kafka.delivery.endpoint import Endpoint, capture, check_ca_file, untrusted
from greenflash_kafka.errors import ConfigInvalid, KeyRefused, MappingsInvalid
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.ports import Listener, Transport
from greenflash_kafka.rules.files import load
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.property_values import resolve
from greenflash_kafka.source.start import StartAt
from greenflash_kafka.source.version import librdkafka

if TYPE_CHECKING:
    import httpx

KEY_CHECK_SECONDS = 10.0
"""Time limit of the key check at start, in seconds; without a response the run goes on."""

KEY_REFUSED = (
    "Greenflash refused the API key ({}). Check GREENFLASH_API_KEY, or the file that greenflash.api_key_file names, "
    "and that the key belongs to the service at greenflash.base_url. Nothing was sent or committed"
)
"""The text of `KeyRefused`; the status is filled in."""


def load_rules(config: Config, environ: Mapping[str, str], dead_letters: str | None = None) -> Ruleset:
    """The rules that the configuration names; raises `MappingsInvalid` with every finding that is an error, and
    `ConfigInvalid` when they read `dead_letters`, the topic that this run writes dead letters to."""
    loaded = load(list(config.mappings), environ, dead_letters=dead_letters)
    loops = [each for each in loaded.findings if each.code == "dead-letter-topic"]
    if loops:
        lines = [f"  {each.file}:{each.line}:{each.column}: {each.message}; {each.hint}" for each in loops]
        raise ConfigInvalid("dead_letter.topic can't be a topic that the mapping files read:\n" + "\n".join(lines))
    if loaded.ruleset is None:
        errors = [each for each in loaded.findings if each.severity == "error"]
        lines = [f"  {each.file}:{each.line}:{each.column}: {each.code}: {each.message}" for each in errors]
        raise MappingsInvalid(
            f"the mapping files have {len(errors)} error(s); `greenflash-kafka lint` shows more:\n" + "\n".join(lines)
        )
    return loaded.ruleset


def snapshot(
    config: Config, ruleset: Ruleset, cluster_id: str = "-", topic_ids: Mapping[str, str] = MappingProxyType({})
) -> Snapshot:
    """Evaluation by these rules as the configuration has it. Raises `ConfigInvalid` when the key of `hash()` can't be
    read."""
    context = EvaluationContext(
        cluster_id=cluster_id, topic_ids=topic_ids, hash_key=hash_key(config), max_items=config.rules.max_items
    )
    return Snapshot(ruleset, context)


def versions() -> tuple[str, str, str, str]:
    """Versions of this program, librdkafka, libcurl and Python."""
    import pycurl

    libcurl = str(pycurl.version_info()[1])
    return version("greenflash-kafka"), librdkafka(), libcurl, platform.python_version()


def client_settings(config: Config, environ: Mapping[str, str]) -> properties.ClientSettings:
    """The settings of the Kafka clients; the config has been checked, so nothing is rejected here."""
    values, _ = resolve(config.kafka.properties, environ)
    return properties.ClientSettings(
        bootstrap_servers=config.kafka.bootstrap_servers,
        # A dry run must not take partitions away from the group that works.
        group=f"{config.kafka.group}.dry-run.{os.getpid()}" if config.run.dry_run else config.kafka.group,
        group_protocol=config.kafka.group_protocol,
        assignor=config.kafka.assignor,
        properties=values,
        oauth_token_url=config.kafka.oauth_token_url,
    )


def start_at(config: Config) -> StartAt:
    """The start of a group without offsets."""
    start = config.kafka.start
    return int(start.timestamp() * 1000) if isinstance(start, datetime) else start


def sending(config: Config) -> DispatcherSettings:
    """The settings of the dispatcher."""
    delivery = config.delivery
    return DispatcherSettings(
        in_flight=delivery.in_flight,
        give_up_after=delivery.give_up_after,
        order=delivery.order,
        max_events_per_second=delivery.max_events_per_second,
        adaptive=delivery.concurrency == "adaptive",
    )


def make_transport(config: Config, endpoint: Endpoint) -> Any:
    """The configured transport to Greenflash."""
    settings = config.greenflash
    if config.delivery.transport == "sdk":
        from greenflash_kafka.delivery.sdk import SdkTransport

        kind: Any = SdkTransport
    else:
        from greenflash_kafka.delivery.curl import CurlTransport

        kind = CurlTransport
    transport: Transport = kind(
        endpoint,
        timeout=settings.timeout_seconds,
        in_flight=config.delivery.in_flight,
        ca_file=None if settings.ca_file is None else str(settings.ca_file),
        proxy=settings.proxy,
    )
    return transport


def questions(config: Config, endpoint: Endpoint, seconds: float) -> httpx.Client:
    """A client for single questions to Greenflash (never events), as whom and on the way that events go; `seconds`
    bounds each step of one. Raises `ConfigInvalid` for a `ca_file` that can't be used."""
    import httpx

    settings = config.greenflash
    trusted = check_ca_file(None if settings.ca_file is None else str(settings.ca_file))
    return httpx.Client(
        base_url=endpoint.base_url,
        headers=list(endpoint.headers),
        verify=ssl.create_default_context(cafile=trusted),
        proxy=settings.proxy,
        trust_env=False,
        timeout=seconds,
        follow_redirects=False,
    )


def check_key(config: Config, endpoint: Endpoint, tell: Listener) -> bool:
    """Ask for the products, the cheapest question that needs a key; True when the service knows it.

    Raises `KeyRefused`, and `ConfigInvalid` as `questions` does. A service that can't be reached, or that has no such
    page, is no reason not to start: the first event will tell.
    """
    import httpx

    client = questions(config, endpoint, KEY_CHECK_SECONDS)
    try:
        with client:
            answer = client.get("/products")
    except (httpx.HTTPError, OSError) as error:
        tell.notice("key_unchecked", text=untrusted(error) or type(error).__name__)
        return False
    if answer.status_code in (401, 403):
        raise KeyRefused(KEY_REFUSED.format(answer.status_code))
    if answer.status_code != 200:
        tell.notice("key_unchecked", text=f"status {answer.status_code}")
    return answer.status_code == 200


def required_key(config: Config) -> str:
    """The API key. Raises `ConfigInvalid` when there is none, or its file can't be read."""
    key = api_key(config)
    if key is None:
        raise ConfigInvalid("there is no API key: set GREENFLASH_API_KEY, or greenflash.api_key_file")
    return key.get_secret_value()


def endpoint_for(config: Config, key: str) -> Endpoint:
    """The address of the events, and their headers."""
    return capture(config.greenflash.base_url, key, allow_http=config.greenflash.allow_http)

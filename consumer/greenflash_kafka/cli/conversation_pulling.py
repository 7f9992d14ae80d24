"""The work of `conversations pull`: what the topic has, the way to Greenflash, and the puller between them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import click
import msgspec

from greenflash_kafka.app.settings import client_settings, required_key, service_settings
from greenflash_kafka.app.stop import Stop
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import secrets
from greenflash_kafka.delivery.service import Service
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.instrumentation.listener import Listeners
from greenflash_kafka.instrumentation.logs import Logs, kafka_logger
from greenflash_kafka.interactions.confirmed_writer import ConfirmedWriter
from greenflash_kafka.interactions.known_interactions import KnownInteractions
from greenflash_kafka.interactions.page_connection import PageConnection, PageSettings
from greenflash_kafka.interactions.puller import Puller, PullerSettings
from greenflash_kafka.interactions.request_pace import RequestPace
from greenflash_kafka.ports import Listener
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.start_questions import require_access, require_topic, topic_settings
from greenflash_kafka.source.window import Window, ask_ranges

REQUIRED = ("kafka.bootstrap_servers", "greenflash.api_key")


class PullFlags(msgspec.Struct, frozen=True):
    """What the flags say; times in seconds, `since` since 1970."""

    topic: str
    every: float
    since: float | None
    rate: float
    once: bool


def pull_into_topic(given: Path | None, environ: Mapping[str, str], flags: PullFlags) -> int:
    """Pull until a signal, or once. Raises `ConfigInvalid`, `TopicMissing`, `NotAllowed`, `BrokerUnreachable`,
    `KeyRefused`, `InteractionsUnusable`."""
    config = load_config(config_file(given, environ), environ, {}, required=REQUIRED)
    client = client_settings(config.kafka, environ)
    logs = Logs(sys.stderr, config.log.format, config.log.level, Redactor(secrets(config, client.properties)))
    stop = Stop()
    stop.install(service=True)
    logs.install()
    try:
        puller, written = _pull(config, client, logs, stop, flags)
    finally:
        stop.uninstall()
        logs.flush()
    click.echo(
        f"{flags.topic}: {written:,} interactions written, new or changed; {puller.pulled.requests:,} pages, "
        f"{puller.order or 'in no order that could be learned'}"
    )
    return 0


def _pull(config: Config, client: ClientSettings, logs: Logs, stop: Stop, flags: PullFlags) -> tuple[Puller, int]:
    clock = SystemClock()
    listener = Listeners(logs)

    def stopped() -> bool:
        return stop.asked

    pace = RequestPace(flags.rate, clock.monotonic(), Random().random)
    pages = PageConnection(_page_settings(config), _Access(config, logs.redactor, listener), stopped)
    try:
        with settings_refused(client):
            cluster = AdminQueries(properties.admin(client), logger=kafka_logger())
        require_topic(cluster, flags.topic, "the topic of --topic", "cleanup.policy=compact")
        require_access(cluster, [flags.topic], "Read")
        require_access(cluster, [flags.topic], "Write")
        limit = topic_settings(cluster, flags.topic).max_message_bytes
        known = read_known(client, cluster, flags.topic, stop)
        with settings_refused(client):
            writer = ConfirmedWriter(
                properties.producer(client, limit), flags.topic, clock, listener, stopped, logger=kafka_logger()
            )
        settings = PullerSettings(every=flags.every, since=flags.since, once=flags.once)
        puller = Puller(pages, writer.write, known, pace, clock, listener, settings, stopped)
        try:
            puller.run()
        finally:
            writer.close()
    finally:
        pages.close()
    return puller, puller.pulled.written


def read_known(client: ClientSettings, cluster: AdminQueries, topic: str, stop: Stop) -> KnownInteractions:
    """What the topic has, by reading all of it. Raises `BrokerUnreachable`."""
    known = KnownInteractions()
    ranges = ask_ranges(Window(), cluster, {topic: cluster.partitions()[topic]})
    with settings_refused(client):
        history = KafkaHistory(properties.reader(client), ranges, kafka_logger())
    try:
        while not history.done and not stop.asked:
            for each in history.take(1000, 0.2):
                known.add_record(each.key, each.value)
    finally:
        history.close()
    return known


def _page_settings(config: Config) -> PageSettings:
    greenflash = config.greenflash
    return PageSettings(
        timeout=greenflash.timeout_seconds,
        ca_file=None if greenflash.ca_file is None else str(greenflash.ca_file),
        proxy=greenflash.proxy,
    )


class _Access:
    """Base URL and headers with the key as it is now. A key file that can't be read: the present key stays."""

    def __init__(self, config: Config, redactor: Redactor, listener: Listener) -> None:
        self._greenflash = config.greenflash
        self._redactor, self._listener = redactor, listener
        self._service = Service(service_settings(config.greenflash, config.delivery), required_key(config.greenflash))
        self._endpoint = self._service.endpoint

    def __call__(self) -> tuple[str, Sequence[tuple[str, str]]]:
        try:
            key = required_key(self._greenflash)
        except ConfigInvalid as error:
            self._listener.notice("key_unreadable", text=str(error))
        else:
            if key != self._endpoint.key:
                self._redactor.add(key)
                self._endpoint = self._service.with_key(key)
                self._listener.notice("key_read_again")
        return self._endpoint.base_url, self._endpoint.headers

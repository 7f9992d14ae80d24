"""The wiring of a run: from one frozen `Config` to a `Run`, with every question that a start asks, in order.

What can be asked at once is: the cluster answers, and the consumer connects, while the SDK is imported.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from importlib.metadata import version
from random import Random
from typing import TextIO

import msgspec

from greenflash_kafka.app.engine import Engine, EngineParts
from greenflash_kafka.app.lifecycle import Run, RunSettings
from greenflash_kafka.app.schema_sources import registry_properties, schemas_of_run
from greenflash_kafka.app.settings import (
    client_settings,
    conversation_topics,
    load_rules,
    longest_delay,
    read_besides,
    readers_besides,
    required_key,
    sending,
    service_settings,
    snapshot,
    start_at,
    table_topics,
)
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import secrets
from greenflash_kafka.delivery.console_transport import ConsoleTransport
from greenflash_kafka.delivery.queue import Owner
from greenflash_kafka.descriptors import provide
from greenflash_kafka.dlq.console_dead_letters import ConsoleDeadLetters
from greenflash_kafka.dlq.dead_letter_writer import KafkaDeadLetters
from greenflash_kafka.dlq.letter_record import LEAST_BYTES, DeadLetterOrigin
from greenflash_kafka.dlq.limit import Limits
from greenflash_kafka.instrumentation.health import Health
from greenflash_kafka.instrumentation.listener import Listeners
from greenflash_kafka.instrumentation.logs import Logs, kafka_logger
from greenflash_kafka.instrumentation.operator_server import OperatorServer
from greenflash_kafka.instrumentation.prometheus import Metrics
from greenflash_kafka.instrumentation.systemd import Systemd
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.pending_message import PendingMessage
from greenflash_kafka.pipeline import PipelineSettings
from greenflash_kafka.ports import ConversationReader, DeadLetterQueue, Listener, Transport
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries, librdkafka
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.given_properties import warnings
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.lost_clients import LostClients, answered
from greenflash_kafka.source.plan import InitialOffsets
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.reading_bounds import BoundedSource, ReadingBounds, ask_bounds
from greenflash_kafka.source.start_questions import ask_at_start
from greenflash_kafka.source.subscription import MOST_TOPICS, Subscription
from greenflash_kafka.waiting_messages import Patience
from greenflash_kafka.web.libcurl import libcurl


def build(config: Config, environ: Mapping[str, str], out: TextIO, err: TextIO) -> Run:
    """Everything that one process of `run` is made of. A dry run's events go to `out`, the log to `err`.

    Raises `ConfigInvalid`, `MappingsInvalid`, `TopicMissing`, `NotAllowed`, `KeyRefused` or `BrokerUnreachable`.
    """
    dry_run = config.run.dry_run
    client = client_settings(config.kafka, environ, dry_run=dry_run)
    reports = _reports(config, client, registry_properties(config, environ), err)
    listener = reports.listener
    dead_letter_topic = None if dry_run else config.dead_letter.topic
    ruleset = load_rules(config.mappings, environ, dead_letter_topic)
    listener.notice("ruleset_loaded", **ruleset.describe())
    listener.gauge("build_info", 1, _versions())
    # Once before there is any client, which would hang without descriptors, and once the brokers are known.
    requests = 0 if dry_run else config.delivery.in_flight
    besides = read_besides(ruleset)
    provide(requests, brokers=1, readers=readers_besides(ruleset), registry=config.schema_registry.url is not None)
    with settings_refused(client):
        cluster = AdminQueries(
            properties.admin(client),
            ids_required=config.kafka.topic_ids == "required" and ruleset.needs_topic_ids,
            logger=kafka_logger(),
        )
    _warn(config, listener)
    most = None if config.kafka.group_protocol == "consumer" else MOST_TOPICS
    subscription = Subscription(ruleset.topics, ruleset.patterns, most)
    asked = ask_at_start(cluster, subscription, client.group, dead_letter_topic, config.kafka.group_protocol, besides)
    for each in asked.missing:
        listener.notice("topic_missing", topic=each)
    provide(
        requests, cluster.brokers, readers=readers_besides(ruleset), registry=config.schema_registry.url is not None
    )
    with settings_refused(client):
        source = _source(config, client, ruleset, subscription, cluster, listener)
    service = None
    if not dry_run:
        key = required_key(config.greenflash)
        # The SDK takes its time to import; the cluster answers meanwhile, and the consumer connects.
        from greenflash_kafka.delivery.service import RotatedKey, Service

        service = Service(service_settings(config.greenflash, config.delivery), key)
    dead_letter_limit = asked.require(LEAST_BYTES)
    key_confirmed = service is None or service.check_key(listener)
    clock = SystemClock()
    schemas = schemas_of_run(config, environ, clock, listener, reports.logs.redactor)
    rules = snapshot(config.rules, ruleset, cluster.cluster_id(), source.topic_ids, schemas)
    conversations: ConversationReader | None = None
    clients = {
        "of the group": partial(answered, source.list_topics),
        "for questions": partial(answered, cluster.list_topics),
    }
    if besides is not None:
        # What neither links nor uses such a table neither loads SQLite nor keeps it in memory.
        from greenflash_kafka.app.linking import link_all, linking_settings

        linked = linking_settings(config.linking.directory, config.linking.give_up_after, environ, dry_run=dry_run)
        with settings_refused(client):
            rules, conversations, logs = link_all(
                rules,
                conversation_topics(ruleset),
                table_topics(ruleset),
                client,
                config.kafka.group,
                cluster,
                clock,
                listener,
                kafka_logger(),
                linked,
            )
        for words, log in logs.items():
            clients[words] = partial(answered, log.list_topics)
    transport: Transport = ConsoleTransport(out, _coordinates)
    before_probe: Callable[[], None] = _nothing
    if service is not None:
        transport = keyed = service.transport()
        before_probe = RotatedKey(
            service, lambda: required_key(config.greenflash), keyed, reports.logs.redactor, listener
        ).look
    with settings_refused(client):
        dead_letters = _dead_letters(config, client, dead_letter_limit, rules.context, listener, out)
    if isinstance(dead_letters, KafkaDeadLetters):
        clients["that writes dead letters"] = partial(answered, dead_letters.list_topics)
    engine = Engine(
        EngineParts(source, transport, dead_letters, rules, clock, Random(), listener, conversations),
        sending(config.delivery),
        _taking(config, client, ruleset),
        before_probe=before_probe,
    )
    return Run(
        settings=RunSettings(
            bootstrap_servers=config.kafka.bootstrap_servers,
            commits=not dry_run,
            until_idle=config.run.until_idle,
            drain_seconds=config.delivery.drain_seconds,
        ),
        client=client,
        cluster=cluster,
        source=source,
        engine=engine,
        logs=reports.logs,
        listener=listener,
        health=reports.health,
        server=OperatorServer(config.http.host, config.http.port, reports.metrics, reports.health, listener),
        systemd=Systemd(environ, reports.health),
        lost_clients=LostClients(properties.admin(client), clients, logger=kafka_logger()),
        key_confirmed=key_confirmed,
        bounds=_bounds(config, ruleset, cluster, source),
    )


class _Reports(msgspec.Struct, frozen=True):
    logs: Logs
    metrics: Metrics
    health: Health
    listener: Listeners


def _reports(config: Config, client: ClientSettings, registry: Mapping[str, str], err: TextIO) -> _Reports:
    """Who is told of everything; the log is taken over from here on."""
    logs = Logs(err, config.log.format, config.log.level, Redactor(secrets(config, client.properties, registry)))
    logs.install()
    health = Health()
    metrics = Metrics(health)
    return _Reports(logs, metrics, health, Listeners(logs, metrics, health))


def _versions() -> tuple[str, str, str, str]:
    """Versions of this program, librdkafka, libcurl and Python: the labels of `build_info`."""
    return version("greenflash-kafka"), librdkafka(), libcurl(), platform.python_version()


def _warn(config: Config, listener: Listener) -> None:
    for warning in config.warnings:
        listener.notice("settings_contradict", text=warning)
    for warning in warnings(config.kafka.properties):
        listener.notice("kafka_settings_unsafe", text=warning)


def _source(
    config: Config,
    client: ClientSettings,
    ruleset: Ruleset,
    subscription: Subscription,
    cluster: AdminQueries,
    listener: Listener,
) -> KafkaSource:
    return (BoundedSource if config.run.dry_run else KafkaSource)(
        properties.consumer(client),
        subscription,
        start_at(config.kafka),
        config.kafka.on_missing_offsets,
        cluster,
        listener,
        read_only=config.run.dry_run,
        logger=kafka_logger(),
        # A flag is typed for this run; a variable or a file is there in every run.
        initial=InitialOffsets(ruleset.initial_offset, ruleset.initial_offset_place, "kafka.start" in config.by_flags),
    )


def _bounds(config: Config, ruleset: Ruleset, cluster: AdminQueries, source: KafkaSource) -> ReadingBounds | None:
    """Where a dry run ends; None if it doesn't end by itself."""
    to, limit = config.run.to, config.run.limit
    if not isinstance(source, BoundedSource) or (to is None and limit is None):
        return None
    topics = cluster.matching(ruleset.topics, ruleset.patterns) if to is not None else {}
    until = int(to.timestamp() * 1000) if isinstance(to, datetime) else None
    source.bounds = ask_bounds(cluster, topics, until, limit, to=to is not None)
    return source.bounds


def _coordinates(owner: Owner) -> str:
    """Those of the message whose event it is."""
    return owner.message.coordinates if isinstance(owner, PendingMessage) else ""


def _dead_letters(
    config: Config,
    client: ClientSettings,
    limit: int | None,
    context: EvaluationContext,
    listener: Listener,
    out: TextIO,
) -> DeadLetterQueue:
    """`limit`: the most bytes that the topic takes in one record, if known."""
    if config.run.dry_run:
        return ConsoleDeadLetters(out)

    def origin(message: Message) -> DeadLetterOrigin:
        topic_id = context.topic_ids.get(message.topic, "-")
        return DeadLetterOrigin(context.cluster_id, topic_id, version("greenflash-kafka"))

    return KafkaDeadLetters(
        properties.producer(client, limit), config.dead_letter.topic, origin, listener, logger=kafka_logger()
    )


def _taking(config: Config, client: ClientSettings, ruleset: Ruleset) -> PipelineSettings:
    delay = longest_delay(ruleset)
    interval = properties.poll_interval(properties.consumer(client))
    return PipelineSettings(
        in_flight=config.delivery.in_flight,
        max_uncommitted=config.delivery.max_uncommitted,
        max_uncommitted_seconds=config.delivery.max_uncommitted_seconds,
        commits=not config.run.dry_run,
        commit_seconds=config.commit_seconds,
        revoke_seconds=min(10.0, config.delivery.drain_seconds, interval / 2),
        dead_letter_limits=Limits() if config.run.dry_run else config.dead_letter.limits,
        patience=Patience(horizon_seconds=delay + Patience().horizon_seconds),
    )


def _nothing() -> None:
    pass

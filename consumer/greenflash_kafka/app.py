"""Wiring, signals and the order of shutdown: from one frozen `Config` to a running pipeline."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from random import Random
from types import FrameType
from typing import Final, TextIO

from greenflash_kafka.allocator import FreeMemory, allocator
from greenflash_kafka.assembly import (
    KEY_REFUSED,
    check_key,
    client_settings,
    endpoint_for,
    load_rules,
    make_transport,
    required_key,
    sending,
    snapshot,
    start_at,
    versions,
)
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import secrets
from greenflash_kafka.delivery.console import ConsoleTransport
from greenflash_kafka.descriptors import provide
from greenflash_kafka.dlq.console import ConsoleDeadLetters
from greenflash_kafka.dlq.limit import Limits
from greenflash_kafka.dlq.record import LEAST_BYTES, Origin
from greenflash_kafka.dlq.writer import KafkaDeadLetters
from greenflash_kafka.engine import CLOSE_SECONDS, Engine, Parts
from greenflash_kafka.errors import (
    AskedToStop,
    ConfigInvalid,
    DrainDeadlinePassed,
    GreenflashKafkaError,
    KeyRefused,
    NotIdle,
    TooManyDeadLetters,
    TooManyTopics,
)
from greenflash_kafka.idle import IdleWatch
from greenflash_kafka.instrumentation.health import Health
from greenflash_kafka.instrumentation.listener import Listeners
from greenflash_kafka.instrumentation.logs import Logs, kafka_logger
from greenflash_kafka.instrumentation.prometheus import Metrics
from greenflash_kafka.instrumentation.server import OperatorServer
from greenflash_kafka.instrumentation.systemd import Systemd
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.summary import STOPPED_WITH, Summary
from greenflash_kafka.pipeline import PipelineSettings
from greenflash_kafka.ports import DeadLetterQueue, TopicPartition
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.source import properties
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.refusal import settings_refused
from greenflash_kafka.source.subscription import MOST_TOPICS, Subscription
from greenflash_kafka.source.topics import Topics

BY_HABIT: Final = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM)
"""Signals that many services take for "reload" or "reopen the log"; without a handler each would end the process at
once."""


class Stop:
    """Asks the loop to end. As a signal handler it only sets a flag, since nothing may raise inside `consume()`; the
    first signal restores the default, so that a second one ends the process even inside C code."""

    def __init__(self) -> None:
        self.asked = False
        self.heard: signal.Signals | None = None
        """The last signal that was ignored; the reader that reports it sets it back to None."""

    def install(self, service: bool = False) -> None:
        """Take over SIGTERM and SIGINT; before the first poll, because SIGINT's own handler raises.

        A `service` also handles the signals of `BY_HABIT`, and goes on; a command at a terminal ends with it.
        """
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._on_signal)
        for each in BY_HABIT if service else ():
            signal.signal(each, self._on_habit)

    def uninstall(self) -> None:
        """Restore the signal handlers: no loop is left that would check the flag."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self.asked = True
        signal.signal(number, signal.SIG_DFL)

    def _on_habit(self, number: int, _: FrameType | None) -> None:
        self.heard = signal.Signals(number)


class App:
    """Everything that one process of `run` is made of, and its life from start to end."""

    def __init__(self, config: Config, environ: Mapping[str, str], out: TextIO, err: TextIO) -> None:
        """Raises `ConfigInvalid`, `MappingsInvalid`, `TopicMissing`, `KeyRefused` or `BrokerUnreachable`."""
        self.config = config
        self.dry_run = config.run.dry_run
        self.clock = SystemClock()
        self.health = Health()
        self.metrics = Metrics(self.health)
        self._systemd = Systemd(environ, self.health)
        self._client = client_settings(config, environ)
        redactor = Redactor(secrets(config, self._client.properties))
        self.logs = Logs(err, config.log.format, config.log.level, redactor)
        self.logs.install()
        self.tell = Listeners(self.logs, self.metrics, self.health)
        self._dead_letter_topic = None if self.dry_run else config.dead_letter.topic
        self.ruleset = load_rules(config, environ, self._dead_letter_topic)
        self.tell.notice("ruleset_loaded", **self.ruleset.describe())
        self.tell.gauge("build_info", 1, versions())
        requests = 0 if self.dry_run else config.delivery.in_flight
        # Once before there is any client, which would hang without descriptors, and once the brokers are known.
        provide(requests, brokers=1)
        with settings_refused(self._client):
            self.topics = Topics(
                properties.admin(self._client),
                ids_required=config.kafka.topic_ids == "required" and self.ruleset.needs_topic_ids,
                logger=kafka_logger(),
            )
        for warning in config.warnings:
            self.tell.notice("settings_contradict", text=warning)
        for warning in properties.warnings(config.kafka.properties):
            self.tell.notice("kafka_settings_unsafe", text=warning)
        self._subscription = Subscription(
            self.ruleset.topics,
            self.ruleset.patterns,
            None if config.kafka.group_protocol == "consumer" else MOST_TOPICS,
        )
        asked = self.topics.ask_at_start(
            self._subscription,
            self._client.group,
            self._dead_letter_topic,
            config.kafka.group_protocol,
        )
        provide(requests, self.topics.brokers)
        with settings_refused(self._client):
            self.source = self._source()
        # The SDK takes its time to import; the cluster answers meanwhile, and the consumer connects.
        self._key = None if self.dry_run else required_key(config)
        self._endpoint = None if self._key is None else endpoint_for(config, self._key)
        self._dead_letter_limit = asked.require(LEAST_BYTES)
        self.key_confirmed = self._endpoint is None or check_key(config, self._endpoint, self.tell)
        self.snapshot = snapshot(config, self.ruleset, self.topics.cluster_id(), self.source.topic_ids)
        self.transport = ConsoleTransport(out) if self._endpoint is None else make_transport(config, self._endpoint)
        with settings_refused(self._client):
            self.dead_letters = self._dead_letter_queue(out)
        interval = properties.poll_interval(properties.consumer(self._client))
        self.engine = Engine(
            Parts(
                self.source,
                self.transport,
                self.dead_letters,
                self.snapshot,
                self.clock,
                Random(),
                self.tell,
            ),
            sending(config),
            PipelineSettings(
                in_flight=config.delivery.in_flight,
                max_uncommitted=config.delivery.max_uncommitted,
                max_uncommitted_seconds=config.delivery.max_uncommitted_seconds,
                commits=not self.dry_run,
                commit_seconds=config.commit_seconds,
                revoke_seconds=min(10.0, config.delivery.drain_seconds, interval / 2),
                dead_letter_limits=Limits() if self.dry_run else config.dead_letter.limits,
            ),
            before_probe=self._read_key_again,
        )
        self.pipeline, self.dispatcher = self.engine.pipeline, self.engine.dispatcher
        self.server = OperatorServer(config.http.host, config.http.port, self.metrics, self.health, self.tell)
        self._too_many_topics: TooManyTopics | None = None
        self.silent_reader = False
        """True if the log's stream is not read any more: it can't be flushed, the process has to `leave`."""
        self.silent_broker = False
        """True if the broker didn't confirm the last commit: the client can't be closed, the process has to `leave`."""

    # --- parts -----------------------------------------------------------------------------------------------------

    def _source(self) -> KafkaSource:
        kafka = self.config.kafka
        return KafkaSource(
            properties.consumer(self._client),
            self._subscription,
            start_at(self.config),
            kafka.on_missing_offsets,
            self.topics,
            self.tell,
            read_only=self.dry_run,
            logger=kafka_logger(),
        )

    def _dead_letter_queue(self, out: TextIO) -> DeadLetterQueue:
        if self.dry_run:
            return ConsoleDeadLetters(out)
        return KafkaDeadLetters(
            properties.producer(self._client, self._dead_letter_limit),
            self.config.dead_letter.topic,
            self._origin,
            self.tell,
            logger=kafka_logger(),
        )

    def _origin(self, message: Message) -> Origin:
        context = self.snapshot.context
        topic_id = context.topic_ids.get(message.topic, "-")
        return Origin(context.cluster_id, topic_id, version("greenflash-kafka"))

    def _read_key_again(self) -> None:
        """Read the key file again before each probe of a paused delivery: it may hold a new key."""
        try:
            key = required_key(self.config)
        except ConfigInvalid as error:
            self.tell.notice("key_unreadable", text=str(error))
            return
        if key == self._key or isinstance(self.transport, ConsoleTransport):
            return
        self.logs.redactor.add(key)
        self._key = key
        self.transport.use(endpoint_for(self.config, key))
        self.tell.notice("key_read_again")

    # --- running ---------------------------------------------------------------------------------------------------

    def run(self, stop: Stop, between: Callable[[], None] = lambda: None) -> Summary:
        """Run until `stop` is asked for, or until idle if the configuration says so; `between` is called every turn.

        Raises `KeyRefused` and `SourceFailed`; what else went wrong is in the summary, which `check` turns into an
        error. Everything is closed afterwards.
        """
        seconds = self.config.run.until_idle
        watch = None
        if seconds is not None:
            commits, servers = not self.dry_run, self.config.kafka.bootstrap_servers
            watch = IdleWatch(self.pipeline, self.source, self.dispatcher, self.clock, seconds, commits, servers)
        self.server.start()
        self.source.stopping = lambda: stop.asked
        # What was made until now stays to the end: rules, tables, modules. Looking through all of it again would stop
        # the loop for 27 ms with two rules, and for longer with more.
        gc.collect()
        gc.freeze()
        memory = FreeMemory(self.clock, allocator())
        stuck: list[str] = []
        with suppress(AskedToStop), self._ending_in_order():
            self.pipeline.start()
            while not (stop.asked or self.pipeline.too_many_dead_letters):
                self.pipeline.step()
                self.health.beat()
                self._systemd.beat()
                between()
                memory.turn(self.pipeline.totals.consumed)
                self._check_key()
                self._tell_habit(stop)
                if watch is not None:
                    rest = watch.rest()
                    if rest.over:
                        stuck = list(rest.stuck)
                        break
        return self._end(stuck)

    @contextmanager
    def _ending_in_order(self) -> Iterator[None]:
        """End the loop in order on an error that leaves the Kafka client usable; `check` raises it."""
        try:
            yield
        except TooManyTopics as error:
            self._too_many_topics = error

    def check(self, summary: Summary) -> None:
        """Raise `TooManyTopics`, `TooManyDeadLetters`, `NotIdle` or `DrainDeadlinePassed` if the run didn't end as it
        should."""
        if self._too_many_topics is not None:
            raise self._too_many_topics
        if self.pipeline.too_many_dead_letters:
            raise TooManyDeadLetters(
                f"too many dead letters: {self.pipeline.too_many_dead_letters}. Nothing more is written, and nothing "
                "is committed that isn't. `greenflash-kafka dlq list` shows what was written: correct the rule "
                "(or product_id, greenflash.base_url) and start again, or raise the limit"
            )
        if summary.stuck:
            raise NotIdle("not everything could be settled:\n" + "\n".join(f"  {each}" for each in summary.stuck))
        if summary.unanswered:
            raise DrainDeadlinePassed(
                f"{summary.unanswered} requests or dead letters had no answer within delivery.drain_seconds "
                f"({self.config.delivery.drain_seconds:g} s); their messages are delivered again, under the same ids"
            )

    def _check_key(self) -> None:
        """Check the key at start: one that was never valid is an error; one that was valid before is waited for."""
        if self.dispatcher.pause_reason is None or self.key_confirmed or self.dispatcher.accepted:
            return
        if self.dispatcher.pause_reason.code in ("status-401", "status-403"):
            raise KeyRefused(KEY_REFUSED.format(self.dispatcher.pause_reason.code.removeprefix("status-")))

    def _tell_habit(self, stop: Stop) -> None:
        if stop.heard is not None:
            name, stop.heard = stop.heard.name, None
            self.tell.notice(
                "signal_ignored",
                signal=name,
                text=f"{name} reloads nothing: restart to read other mapping files or settings; SIGTERM ends in order",
            )

    def _end(self, stuck: list[str]) -> Summary:
        """Close the engine first, which keeps messages safe, then the parts that only report."""
        self._systemd.stopping()
        summaries: list[Summary] = []
        confirmed = self.engine.end(
            self.config.delivery.drain_seconds, lambda answers: summaries.append(self._summary(self._behind(answers)))
        )
        (summary,) = summaries
        summary.stuck = stuck
        self.silent_broker = not confirmed
        self.server.stop()
        self.tell.notice("stopped", **{name: getattr(summary, name) for name in STOPPED_WITH})
        self.silent_reader = not self.logs.flush()
        return summary

    def leave(self, code: int) -> None:
        """End the process now if the Kafka client, or the log, would block the exit; otherwise do nothing."""
        if self.silent_broker or self.silent_reader:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            # Of standard error nothing waits: it is written line by line, and flushing could wait for its reader.
            os._exit(code)

    def _summary(self, behind: Mapping[TopicPartition, int]) -> Summary:
        """The summary of the run; `behind` is the lag of partitions, where it is known."""
        pipeline, totals, at = self.pipeline, self.pipeline.totals, self._committed()
        lag = sum(behind.get(key, 0) for key in pipeline.starts)
        return Summary(
            broker=self.config.kafka.bootstrap_servers,
            produced=totals.consumed + lag,
            consumed=totals.consumed,
            filtered=totals.filtered,
            mapped=totals.mapped,
            dead_lettered=totals.dead_lettered,
            committed=sum(max(0, at.get(key, start) - start) for key, start in pipeline.starts.items()),
            lag=lag,
            events=totals.events,
            accepted=self.dispatcher.accepted,
            unanswered=pipeline.unanswered,
            dry_run=self.dry_run,
        )

    def _committed(self) -> dict[TopicPartition, int]:
        return self.pipeline.committed | dict(self.source.committed())

    def _behind(self, broker_answers: bool) -> Mapping[TopicPartition, int]:
        """The lag of each assigned partition."""
        if broker_answers:
            # A dry run commits nothing: what it has read counts as done.
            at = self.pipeline.positions() if self.dry_run else self._committed()
            # The end of a run neither waits for a silent broker nor fails since it refuses: then the client's
            # own knowledge counts.
            with suppress(GreenflashKafkaError):
                ends = self.source.ends(CLOSE_SECONDS)
                starts = self.pipeline.starts
                return {key: max(0, end - at.get(key, starts.get(key, end))) for key, end in ends.items()}
        return self.source.lag()

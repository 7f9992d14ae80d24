"""The demo: a broker, a sandbox, traffic, and the real pipeline with the shipped mappings, all on this machine."""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TextIO

import msgspec
from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from consumer.app import App, Stop
from consumer.assembly import client_settings
from consumer.config.load import load_config
from consumer.config.model import Config
from consumer.demo.generate import QUIET_TOPICS, create_topics
from consumer.demo.traffic import TOPICS, ProducedMessage, traffic
from consumer.errors import BrokerUnreachable, GreenflashKafkaError
from consumer.idle import IdleWatch
from consumer.model.summary import Summary
from consumer.sandbox.running import sandbox_process
from consumer.source import properties

PRODUCT_ID: Final = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
DEAD_LETTERS: Final = "greenflash.demo.dead-letters"
API_KEY: Final = "demo-key"
SEED: Final = 1
PARTITIONS: Final = 6

MOST_AHEAD: Final = 20_000
"""How many messages may wait for the pipeline: the mock cluster keeps only the last megabytes of a partition."""

BROKER_SECONDS: Final = 10.0
"""How long a given broker may take to answer."""

IDLE_SECONDS: Final = 1.0
"""How long everything must have been settled and committed before the demo ends."""


class Settings(msgspec.Struct, frozen=True):
    """`broker` None: librdkafka's mock cluster inside this process. `rate`: messages a second, None for as fast as
    it goes. `port` is the sandbox's, 0 for a free one."""

    messages: int
    broker: str | None
    rate: float | None
    port: int
    mappings: Path
    environ: Mapping[str, str]
    quiet: bool


class Mock:
    """librdkafka's mock cluster; it lives as long as the client that holds it."""

    def __init__(self) -> None:
        self._holder = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        brokers = (self._holder.list_topics(timeout=10).brokers or {}).values()
        self.bootstrap_servers = ",".join(f"{each.host}:{each.port}" for each in brokers)
        for topic in (*TOPICS, *QUIET_TOPICS, DEAD_LETTERS):
            # Asking for a topic by name makes it, with four partitions.
            self._holder.list_topics(topic, timeout=10)


class Feeder(threading.Thread):
    """Writes the traffic, beside the pipeline; `done` once every message is confirmed."""

    def __init__(
        self, connect: Mapping[str, str], messages: int, rate: float | None, stop: Stop, consumed: Callable[[], int]
    ) -> None:
        """`connect` are the client properties that lead to the broker; `consumed` counts what the pipeline took."""
        super().__init__(name="demo-traffic", daemon=True)
        self._producer = Producer(
            {**connect, "linger.ms": "20", "queue.buffering.max.messages": "1000000", "log_level": "2"}
        )
        self._messages = messages
        self._rate = rate
        self._stop_asked = stop
        self._consumed = consumed
        self.produced = 0
        """Messages that the broker has confirmed."""
        self.failure: str | None = None
        self.done = False

    def run(self) -> None:
        """Write until all is written or the demo is told to stop."""
        began = time.monotonic()
        for number, message in enumerate(traffic(SEED, self._messages, int(time.time() * 1000))):
            if self._rate is not None:
                while not self._stop_asked.asked and number > (time.monotonic() - began) * self._rate:
                    self._producer.poll(0.02)
            while not self._stop_asked.asked and self.produced - self._consumed() > MOST_AHEAD:
                self._producer.poll(0.02)
            if self._stop_asked.asked:
                break
            self._write(message)
        if self._producer.flush(60):
            self.failure = "the broker didn't confirm the demo's messages within a minute"
        self.done = True

    def _write(self, message: ProducedMessage) -> None:
        while True:
            try:
                self._producer.produce(
                    message.topic,
                    message.value,
                    message.key,
                    headers=list(message.headers),
                    timestamp=message.timestamp_ms,
                    on_delivery=self._confirmed,
                )
            except BufferError:
                self._producer.poll(0.05)
            else:
                self._producer.poll(0)
                return

    def _confirmed(self, error: KafkaError | None, _: object) -> None:
        if error is None:
            self.produced += 1
        else:
            self.failure = f"the broker refused the demo's messages: {error.str()}"


def run_demo(settings: Settings, out: TextIO, after: Callable[[Summary, str], None]) -> None:
    """Run it to its end; `after(summary, url)` is called while the sandbox still serves its page.

    Raises what `App` raises, and `BrokerUnreachable` when the given broker doesn't answer.
    """
    stop = Stop()
    stop.install()
    with ExitStack() as stack:
        broker, described, connect = _broker(settings)
        sandbox = stack.enter_context(sandbox_process(api_key=API_KEY, port=settings.port))
        _say(settings, out, f"broker   {described}")
        _say(settings, out, f"sandbox  {sandbox.url}  (open it: events arrive live)")
        app = App(*_configuration(settings, broker, sandbox.base_url), out, sys.stderr)
        feeder = Feeder(connect, settings.messages, settings.rate, stop, lambda: app.pipeline.totals.consumed)
        watch = IdleWatch(app.pipeline, app.source, app.dispatcher, app.clock, IDLE_SECONDS)
        progress = _Progress(settings, out, app, feeder)

        def between() -> None:
            progress.show()
            if not feeder.ident:
                # Partitions start at their end, so what earlier demos left on a given broker isn't read again.
                if app.pipeline.starts and app.source.ready:
                    feeder.start()
            elif feeder.done and (feeder.failure or watch.idle() or watch.stuck()):
                stop.asked = True

        summary = app.run(stop, between)
        app.check(summary)
        if feeder.failure:
            raise GreenflashKafkaError(feeder.failure)
        stats = sandbox.stats()
        summary.broker = described
        summary.produced = feeder.produced
        summary.stored = stats["stored"]
        summary.duplicates = stats["duplicates"]
        progress.end()
        stop.uninstall()
        after(summary, sandbox.url)


def _broker(settings: Settings) -> tuple[str, str, Mapping[str, str]]:
    """The broker's address, what to call it, and the client properties that lead to it."""
    if settings.broker is None:
        mock = Mock()
        _KEPT.append(mock)
        servers = mock.bootstrap_servers
        return servers, f"librdkafka's mock cluster at {servers}", {"bootstrap.servers": servers}
    environ = _way_to_broker(settings, settings.broker)
    config = load_config(None, environ, required=("kafka.bootstrap_servers",))
    connect = properties.admin(client_settings(config, environ))
    admin = AdminClient({**connect, "log_level": "0"})
    try:
        admin.list_topics(timeout=BROKER_SECONDS)
        create_topics(admin, (*TOPICS, *QUIET_TOPICS, DEAD_LETTERS), PARTITIONS, lambda: False)
    except KafkaException as error:
        raise BrokerUnreachable(
            f"no Kafka broker answered at {settings.broker} within {BROKER_SECONDS:g} s ({error.args[0].str()}); start "
            "one there, or leave out --bootstrap-servers and KAFKA_BOOTSTRAP_SERVERS for the embedded one"
        ) from None
    return settings.broker, f"Kafka at {settings.broker}", connect


_KEPT: list[Mock] = []
"""A mock cluster ends with its client, which other clients here still need while they close."""

_PROPERTIES = "GREENFLASH_KAFKA_KAFKA__PROPERTIES__"


def _way_to_broker(settings: Settings, broker: str) -> dict[str, str]:
    # Nothing of the user's own configuration but this: a demo must not send to the real service.
    return {name: value for name, value in settings.environ.items() if name.startswith(_PROPERTIES)} | {
        "KAFKA_BOOTSTRAP_SERVERS": broker
    }


def _configuration(settings: Settings, broker: str, base_url: str) -> tuple[Config, dict[str, str]]:
    environ = _way_to_broker(settings, broker) | {
        "GREENFLASH_API_KEY": API_KEY,
        "GREENFLASH_BASE_URL": base_url,
        "GREENFLASH_PRODUCT_ID": PRODUCT_ID,
        "GREENFLASH_KAFKA_HASH_KEY": "demo-hash-key",
    }
    overrides = {
        "kafka.group": f"greenflash-demo-{uuid.uuid4().hex[:8]}",
        "kafka.start": "latest",
        "mappings": [str(settings.mappings)],
        "dead_letter.topic": DEAD_LETTERS,
        "http.port": 0,
        "log.format": "text",
        "log.level": "warning",
        "commit_seconds": 0.2,
        # The quickest to join; the embedded broker and Apache Kafka from 4.0 on have it.
        "kafka.group_protocol": "consumer" if settings.broker is None else "classic",
    }
    return load_config(None, environ, overrides), environ


class _Progress:
    """A line that is written over on a terminal, and now and then a new one elsewhere."""

    def __init__(self, settings: Settings, out: TextIO, app: App, feeder: Feeder) -> None:
        self._settings = settings
        self._out = out
        self._app = app
        self._feeder = feeder
        self._terminal = out.isatty()
        self._next = 0.0

    def show(self) -> None:
        now = time.monotonic()
        if self._settings.quiet or now < self._next:
            return
        self._next = now + (0.2 if self._terminal else 2.0)
        self._out.write(f"\r\x1b[2K{self._line()}" if self._terminal else f"{self._line()}\n")
        self._out.flush()

    def end(self) -> None:
        if not self._settings.quiet and self._terminal:
            self._out.write(f"\r\x1b[2K{self._line()}\n")

    def _line(self) -> str:
        totals = self._app.pipeline.totals
        return (
            f"produced {self._feeder.produced:>7,}   consumed {totals.consumed:>7,}   filtered {totals.filtered:>7,}   "
            f"dead letters {totals.dead_lettered:>4,}   events accepted {self._app.dispatcher.accepted:>7,}"
        )


def _say(settings: Settings, out: TextIO, line: str) -> None:
    if not settings.quiet:
        out.write(line + "\n")
        out.flush()

"""The demo: a broker, a sandbox, traffic, and the real pipeline with the shipped mappings, all on this machine."""

from __future__ import annotations

import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

import msgspec
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient

from greenflash_kafka.app.build import build
from greenflash_kafka.app.idle import IdleWatch
from greenflash_kafka.app.lifecycle import Run, run
from greenflash_kafka.app.settings import client_settings
from greenflash_kafka.app.stop import Stop
from greenflash_kafka.config.load import load_config
from greenflash_kafka.demo.company import MAX_DELAY_MS
from greenflash_kafka.demo.examples import DeadLetterExample, Examples
from greenflash_kafka.demo.feeder import Feeder, FeedPlan
from greenflash_kafka.demo.generate import CHAT_TOPICS, QUIET_TOPICS, create_topics
from greenflash_kafka.demo.link_report import LinkReport, report_links
from greenflash_kafka.demo.screen import Counters, Screen
from greenflash_kafka.demo.traffic import TOPICS
from greenflash_kafka.errors import BrokerUnreachable, GreenflashKafkaError
from greenflash_kafka.model.summary import Summary
from greenflash_kafka.sandbox.conversation_totals import ByChance
from greenflash_kafka.sandbox.running import Sandbox
from greenflash_kafka.source import properties

PRODUCT_ID: Final = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
DEAD_LETTERS: Final = "greenflash.demo.dead-letters"
PARTITIONS: Final = 6

BROKER_SECONDS: Final = 10.0
"""How long a given broker may take to answer."""

IDLE_SECONDS: Final = 1.0
"""How long everything must have been settled and committed before the demo ends."""

END_SECONDS: Final = 20.0
"""How long the demo may take over its end: what is in hand is settled, and the examples are found."""


_ALL_TOPICS: Final = (*TOPICS, *QUIET_TOPICS, *CHAT_TOPICS, DEAD_LETTERS)


class Settings(msgspec.Struct, frozen=True):
    """`broker` None: librdkafka's mock cluster inside this process. `registry` is the URL of the schema registry.
    `sandbox` gives the sandbox, which takes `api_key`, once it is ready. `shown`: where the `mappings` come from.
    `folder`: for files of the run."""

    plan: FeedPlan
    broker: str | None
    registry: str
    sandbox: Callable[[], Sandbox]
    api_key: str
    mappings: Path
    shown: Path
    folder: Path
    environ: Mapping[str, str]
    quiet: bool


class Mock:
    """librdkafka's mock cluster; it lives as long as the client that holds it."""

    def __init__(self) -> None:
        self._holder = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        brokers = (self._holder.list_topics(timeout=10).brokers or {}).values()
        self.bootstrap_servers = ",".join(f"{each.host}:{each.port}" for each in brokers)
        for topic in _ALL_TOPICS:
            # Asking for a topic by name makes it, with four partitions.
            self._holder.list_topics(topic, timeout=10)


def run_demo(settings: Settings, out: TextIO) -> tuple[Summary, LinkReport]:
    """Run it to its end.

    The first SIGINT or SIGTERM ends the traffic, and the demo once that is settled; the second one ends the process.
    Raises what `build` and `run` raise, and `BrokerUnreachable` when the given broker doesn't answer.
    """
    asked, end = Stop(), Stop()
    asked.install()
    broker, described, connect = find_broker(settings)
    sandbox = settings.sandbox()
    screen = Screen(out, settings.environ, settings.mappings, quiet=settings.quiet)
    screen.opening(described, settings.registry, sandbox.url, settings.shown)
    environ = variables(settings, broker, sandbox.base_url)
    made = build(load_config(None, environ, options(settings)), environ, out, sys.stderr)
    totals = made.engine.pipeline.totals
    feeder = Feeder(connect, settings.plan, lambda: asked.asked or end.asked, lambda: totals.consumed, MAX_DELAY_MS)
    examples = None if settings.quiet else Examples(made, DEAD_LETTERS, sandbox, feeder.first)
    turns = _Turns(made, feeder, screen, examples, asked, end)
    turns.sandbox = sandbox
    if settings.plan.goes_on:
        turns.url = sandbox.url
    try:
        ended = run(made, end, turns.between)
    finally:
        if examples is not None:
            examples.close()
    if ended.error is not None:
        raise ended.error
    if feeder.failure:
        raise GreenflashKafkaError(feeder.failure)
    summary = ended.summary
    stats = sandbox.stats()
    summary.broker = described
    summary.produced = feeder.produced
    summary.stored = stats["stored"]
    summary.duplicates = stats["duplicates"]
    screen.last(turns.counters())
    links = report_links(sandbox, feeder.planned.planned(), feeder.chance)
    screen.money(links)
    asked.uninstall()
    return summary, links


class _Turns:
    """What happens between two turns of the pipeline: the traffic begins, something is shown, the end comes."""

    def __init__(
        self, made: Run, feeder: Feeder, screen: Screen, examples: Examples | None, asked: Stop, end: Stop
    ) -> None:
        self._source, self._engine = made.source, made.engine
        self._feeder = feeder
        self._screen = screen
        self._examples = examples
        self._asked = asked
        self._end = end
        self._watch = IdleWatch(
            made.engine.pipeline, made.source, made.engine.dispatcher, made.engine.parts.clock, IDLE_SECONDS
        )
        self._ending_since: float | None = None
        self._burst_over_since: float | None = None
        self._settled = False
        self.url = ""
        """The page, until it was named to those who stay; empty when nobody does."""
        self.sandbox: Sandbox | None = None
        """Whose page shows what coincidence links, once that is known."""
        self._shown: ByChance | None = None

    def between(self) -> None:
        """One look at everything."""
        self._show()
        if not self._feeder.ident:
            # Partitions start at their end, so what earlier demos left on a given broker isn't read again.
            if self._engine.pipeline.starts and self._source.ready and not self._asked.asked:
                self._feeder.start()
            self._end.asked = self._asked.asked
        elif self._feeder.failure or self._over():
            self._end.asked = True

    def counters(self) -> Counters:
        """How far it is."""
        totals = self._engine.pipeline.totals
        return Counters(totals.consumed, totals.filtered, self._engine.dispatcher.accepted, totals.dead_lettered)

    def _show(self) -> None:
        chance = self._feeder.chance
        if self.sandbox is not None and chance is not None and chance is not self._shown:
            self._shown = chance
            self.sandbox.show_chance(chance.linked, chance.of)
        if self._examples is not None:
            found = self._examples.look(last=self._settled)
            if found is not None:
                self._screen.example(found)
            if self.url and (isinstance(found, DeadLetterExample) or self._burst_is_shown(self._examples)):
                self._screen.staying(self.url)
                self.url = ""
        self._screen.counters(self.counters())

    def _burst_is_shown(self, examples: Examples) -> bool:
        if not self._feeder.burst_is_over:
            return False
        now = time.monotonic()
        if self._burst_over_since is None:
            self._burst_over_since = now
        return not examples.wanted or now - self._burst_over_since > END_SECONDS

    def _over(self) -> bool:
        if not (self._asked.asked or self._feeder.done):
            return False
        now = time.monotonic()
        if self._ending_since is None:
            self._ending_since = now
            if self._asked.asked:
                self._screen.ending()
        if self._feeder.done and self._watch.blocked_by():
            return True
        # A broker that is given may have gone, and an example may not be found: an end is an end.
        late = self._asked.asked and now - self._ending_since > END_SECONDS
        if not (self._feeder.done and self._watch.idle()):
            self._settled = late
            return late
        self._settled = True
        wanted = self._examples is not None and self._examples.wanted and not self._asked.asked
        return not wanted or now - self._ending_since > END_SECONDS


def find_broker(settings: Settings) -> tuple[str, str, Mapping[str, str]]:
    """The broker's address, what to call it, and the client properties that lead to it. Raises BrokerUnreachable."""
    if settings.broker is None:
        mock = Mock()
        _KEPT.append(mock)
        servers = mock.bootstrap_servers
        return servers, f"librdkafka's mock cluster at {servers}", {"bootstrap.servers": servers}
    environ = _way_to_broker(settings, settings.broker)
    config = load_config(None, environ, required=("kafka.bootstrap_servers",))
    connect = properties.admin(client_settings(config.kafka, environ))
    admin = AdminClient({**connect, "log_level": "0"})
    try:
        admin.list_topics(timeout=BROKER_SECONDS)
        create_topics(admin, _ALL_TOPICS, PARTITIONS, lambda: False)
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


def variables(settings: Settings, broker: str, base_url: str) -> dict[str, str]:
    """The environment of the pipeline."""
    return _way_to_broker(settings, broker) | {
        "GREENFLASH_API_KEY": settings.api_key,
        "GREENFLASH_BASE_URL": base_url,
        "GREENFLASH_PRODUCT_ID": PRODUCT_ID,
        "GREENFLASH_KAFKA_HASH_KEY": "demo-hash-key",
        "GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL": settings.registry,
    }


def options(settings: Settings) -> dict[str, Any]:
    """The configuration of the pipeline: values by their keys."""
    return {
        "kafka.group": f"greenflash-demo-{uuid.uuid4().hex[:8]}",
        "kafka.start": "latest",
        "mappings": [str(settings.mappings)],
        "dead_letter.topic": DEAD_LETTERS,
        "linking.directory": str(settings.folder),
        "http.port": 0,
        "log.format": "text",
        # The screen shows a dead letter itself, and there are many by intention.
        "log.level": "error",
        "commit_seconds": 0.2,
        # The quickest to join; the embedded broker and Apache Kafka from 4.0 on have it.
        "kafka.group_protocol": "consumer" if settings.broker is None else "classic",
    }

"""One process of `run` in a simulation, from its start to its end or its crash."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Protocol

import msgspec

from greenflash_kafka.app.engine import Engine, EngineParts
from greenflash_kafka.decoding.decoders import DECODERS, Decoders
from greenflash_kafka.delivery.dispatcher import DispatcherSettings
from greenflash_kafka.dlq.letter_record import DeadLetterOrigin
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.pipeline import PipelineSettings
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.subscription import Subscription
from greenflash_kafka.waiting_lines import Line
from greenflash_kafka.waiting_messages import Patience
from tests.simulation.chats import UNLINKED, Chats, Links, mapping_files
from tests.simulation.decoders import SlowDecoders
from tests.simulation.greenflash import Api, SimulatedTransport
from tests.simulation.kafka.cluster import MemoryKafka
from tests.simulation.kafka.log_cluster import Slowness
from tests.simulation.kafka.questions import MemoryTopics
from tests.simulation.linked import Linked
from tests.simulation.plan import Setting
from tests.simulation.points import Consumer, Process, Producer
from tests.simulation.scheduler import EPOCH, Scheduler, SimulatedClock, Stuck
from tests.simulation.traffic import CHANGED_RULES, RULES

TOPICS = ("orders", "usage")
MOST_PUT_BACK = 20
"""How often one message may be put back in one assignment: each time there was no room."""

GROUP, DEAD_LETTERS = "simulated", "dead-letters"


MOST_TURNS_AT_ONCE = 2_000
"""Turns of the loop at one moment of the virtual time."""

WAITS_LONG = 30.0
"""Seconds that a message may wait for conversations beyond what is meant, while nothing is in their way."""


@cache
def ruleset(links: Links | None, changed: bool = False) -> Ruleset:
    """The rules of a run, compiled once."""
    files = {"rules.yaml": CHANGED_RULES if changed else RULES} if links is None else mapping_files(links, changed)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text)
        loaded = load([Path(folder)], {})
    assert loaded.ruleset is not None, loaded.findings
    return loaded.ruleset


@cache
def consumer_properties(protocol: str, eager: bool = False) -> dict[str, str]:
    """What the real configuration makes of this protocol and assignor, in shorter times."""
    settings = properties.ClientSettings(bootstrap_servers="-", group=GROUP, group_protocol=protocol)  # type: ignore[arg-type]
    if eager:
        settings = msgspec.structs.replace(settings, assignor="range")
    return properties.consumer(settings) | {
        "session.timeout.ms": "4000",
        "heartbeat.interval.ms": "500",
        "max.poll.interval.ms": "6000",
        "topic.metadata.refresh.interval.ms": "3000",
    }


class World(Protocol):
    """What a process needs of its world, and tells it."""

    scheduler: Scheduler
    cluster: MemoryKafka
    api: Api
    parts: Mapping[str, Callable[..., Any]]
    seed: int
    setting: Setting
    chats: Chats | None
    folder: Path | None
    troubled: float

    def noticed(self, process: SimulatedProcess, name: str, facts: Mapping[str, object]) -> None:
        """A process tells something rare."""

    def say(self, text: str) -> None:
        """A line of the trace."""

    def broken(self, promise: str, text: str) -> None:
        """A promise was broken."""

    def crashed(self, process: SimulatedProcess, point: str) -> None:
        """It died, at this point of its code if there is one."""


class SimulatedProcess(Process):
    """It runs by itself once it is made; `stop` is SIGTERM, `die` is kill -9."""

    def __init__(self, world: World, name: str, number: int) -> None:
        super().__init__(name)
        self.world = world
        self.number = number
        self.stop = False
        self.clock = SimulatedClock(world.scheduler)
        self.client: Consumer | None = None
        self.producers: list[Producer] = []
        self.frozen = False
        self._thawed = 0.0
        self._turned, self._turns = -1.0, 0
        self._stood: set[TopicPartition] = set()
        self._heads: dict[OffsetTracker, tuple[object, float]] = {}
        self._random = Random(f"death {world.seed} {name}")
        self.ending = False
        self.engine: Engine | None = None
        self.linked: Linked | None = None
        self.topic_ids: Mapping[str, str] = {}
        """What it takes for the topics' ids."""
        self.crash_at: tuple[str, int] | None = None
        self._decoded: dict[tuple[TopicPartition, int], int] = {}
        self._sought: Counter[tuple[TopicPartition, int, int]] = Counter()
        self.member = world.scheduler.spawn(name, self._run)

    # what `ports.Listener` wants

    def notice(self, name: str, **facts: object) -> None:
        self.world.say(f"{self.name}: {name} {facts}")
        if name == "consumption_paused" and not self.ending and self.engine is not None:
            busy = self.engine.dispatcher.outstanding or self.engine.pipeline.unanswered
            if not (busy or self.engine.dispatcher.wants_no_more):
                self.world.broken("nothing is paused without work in hand", self.name)
        self.world.noticed(self, name, facts)

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        pass

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        pass

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        pass

    def point(self, name: str) -> None:
        """See `Process.point`."""
        if self.crash_at is None or not self.alive:
            return
        wanted, left = self.crash_at
        if name == wanted:
            self.crash_at = (wanted, left - 1)
            if left <= 1:
                self.die(name)
                self.world.scheduler.park()

    # what waits to be evaluated

    def evaluated(self, message: Message) -> None:
        """See `decoders.Decoding`: never while the client calls back."""
        if self.client is not None and self.client.polling:
            self.world.broken("nothing is evaluated inside consume()", f"{message.coordinates} by {self.name}")

    def decoded(self, message: Message) -> None:
        """See `decoders.Decoding`: once an assignment, and in order."""
        key, client = (message.topic, message.partition), self.client
        if client is None or key not in client.owned:
            return
        life = key, client.owned[key].number
        if message.offset <= self._decoded.get(life, -1):
            self.world.broken("messages are handed on once and in order", f"{message.coordinates} by {self.name}")
        self._decoded[life] = message.offset

    def sought(self, key: TopicPartition, offset: int) -> None:
        """See `Process.sought`."""
        owned = None if self.client is None else self.client.owned.get(key)
        life = key, 0 if owned is None else owned.number, offset
        self._sought[life] += 1
        if self._sought[life] == MOST_PUT_BACK:
            self.world.broken("what waits isn't read over and over", f"{key[0]}/{key[1]}/{offset} by {self.name}")

    def _look_at_lines(self, engine: Engine) -> None:
        """Nothing waits twice, or longer than its assignment lasts, or takes too much."""
        lines = engine.pipeline.waiting.lines
        for line in lines.by_tracker.values():
            offsets = [each.offset for each in line.messages]
            if sorted(set(offsets)) != offsets:
                self.world.broken("a message waits once", f"{line.tracker.partition}: {offsets} by {self.name}")
            if line.tracker.closed:
                self.world.broken("nothing waits of a partition that has gone", f"{line.tracker.partition}")
            if self.world.chats is not None and line.want[0] == "horizon":
                self._look_at_horizon(self.world.chats, line)
        if lines.bytes > self.world.setting.max_waiting_bytes and not any(
            each.ready for each in lines.by_tracker.values()
        ):
            self.world.broken("what waits takes no more memory than it may", f"{lines.bytes} by {self.name}")

    def _look_at_horizon(self, chats: Chats, line: Line) -> None:
        """Only what links waits, and not without a reason."""
        now, (topic, partition) = self.world.scheduler.now, line.tracker.partition
        if topic == UNLINKED:
            self.world.broken("what doesn't link doesn't wait", f"{topic}/{partition} by {self.name}")
        # A line may last for long, behind others that are sent one by one: what counts is how long its head waits.
        want, since = self._heads.get(line.tracker, (None, 0.0))
        if line.ready or want != line.want:
            since = now
            self._heads[line.tracker] = (line.want, now)
        open_until = max(chats.open_until, chats.customers.open_until if chats.customers is not None else 0.0)
        since = max(since, self.world.troubled, open_until, self._thawed)
        # Records of chats may wait for schemas in their turn, one after another.
        slow = 10 * (self.world.setting.not_yet or 0.0)
        if now - since > WAITS_LONG + chats.meant_seconds + slow and line.tracker.partition not in self._stood:
            self._stood.add(line.tracker.partition)
            self.world.broken("what links waits no longer than is meant", f"{topic}/{partition} by {self.name}")

    def die(self, point: str = "") -> None:
        """kill -9."""
        self.alive = False
        self.world.scheduler.kill(self.member)
        for each in (self.client, *self.producers):
            if each is not None:
                each.kill()
        if self.linked is not None and self.world.setting.linking is not None:
            self.linked.die(loses=self._random.random() < self.world.setting.linking.loses)
        self.world.crashed(self, point)

    def forget(self) -> None:
        """All is over. What is in hand refers to the pipeline past the garbage collector, which would never free it."""
        if self.engine is not None:
            vars(self.engine.pipeline).clear()
            vars(self.engine.dispatcher).clear()
        if self.linked is not None:
            self.linked.die(loses=False)

    def freeze(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT after so long."""
        scheduler = self.world.scheduler
        self.frozen = True
        scheduler.freeze(self.member)

        def thaw() -> None:
            self.frozen = False
            self._thawed = scheduler.now
            scheduler.thaw(self.member)

        scheduler.call_at(scheduler.now + seconds, thaw)

    def _run(self) -> None:
        try:
            engine = self.engine = self._engine()
            engine.pipeline.start()
            while not self.stop:
                self._spins()
                engine.pipeline.step()
                if engine.pipeline.waiting.lines.by_tracker:
                    self._look_at_lines(engine)
            self.ending = True
            closed = engine.end(self.world.setting.drain_seconds)
            self.world.say(f"{self.name}: ended, {'left the group' if closed else 'without goodbye'}")
        except GreenflashKafkaError as error:
            self.world.say(f"{self.name}: {error}")
        if self.linked is not None:
            self.linked.die(loses=False)
        self.alive = False

    def _spins(self) -> None:
        """Turns of the loop between which no time passes are a busy wait, if there are many of them."""
        now = self.world.scheduler.now
        self._turns = self._turns + 1 if now == self._turned else 0
        self._turned = now
        if self._turns > MOST_TURNS_AT_ONCE:
            raise Stuck(f"{self.name} turns round and round at {now:.3f} s")

    def _decoders(self) -> Decoders:
        seconds = self.world.setting.not_yet
        if seconds is None:
            return DECODERS
        random = Random(f"not yet {self.world.seed} {self.name}")
        return SlowDecoders(self, self.world.scheduler, random, seconds, horizons=self.world.chats is None)

    def _engine(self) -> Engine:
        world, setting, random = self.world, self.world.setting, Random(f"{self.world.seed} {self.name}")

        def client(settings: Any, **_: object) -> Consumer:
            self.client = Consumer(self, settings, world.cluster)
            return self.client

        def producer(settings: Any, **_: object) -> Producer:
            self.producers.append(Producer(self, settings, world.cluster))
            return self.producers[-1]

        source = world.parts["source"](
            consumer_properties(setting.protocol, setting.eager),
            Subscription(list(TOPICS), []),
            setting.start if isinstance(setting.start, str) else int((EPOCH + setting.start) * 1000),
            setting.on_missing,
            MemoryTopics(world.cluster),
            self,
            monotonic=self.clock.monotonic,
            sleep=self.clock.sleep,
            client=client,
        )
        self.topic_ids = source.topic_ids

        def origin(message: Message) -> DeadLetterOrigin:
            return DeadLetterOrigin(topic_id=self.topic_ids.get(message.topic, "-"))

        dead_letters = world.parts["dead_letters"](
            {"delivery.timeout.ms": "4000"},
            DEAD_LETTERS,
            origin,
            self,
            monotonic=self.clock.monotonic,
            chance=random.random,
            client=producer,
        )
        assert self.client is not None
        context = EvaluationContext(cluster_id="sim", topic_ids=source.topic_ids)
        transport = SimulatedTransport(world.api, self, self.client, setting.lazy_seconds)
        change = setting.rules_change
        rules = ruleset(setting.linking and setting.linking.links, change is not None and world.scheduler.now >= change)
        decoders = self._decoders()
        schemas = decoders.schemas if isinstance(decoders, SlowDecoders) else None
        snapshot, conversations = Snapshot(rules, context, decoders, schemas), None
        if setting.linking is not None and world.folder is not None:
            folder, margin_ms = world.folder / str(self.number), int(setting.linking.margin * 1000)
            slowness = world.chats.slowness if world.chats is not None else Slowness()
            customers = None if world.chats is None else world.chats.customers
            self.linked = Linked(
                self, self, world.cluster, snapshot, self.clock, folder, margin_ms, slowness, customers
            )
            snapshot, conversations = self.linked.rules, self.linked.reader
        parts = EngineParts(source, transport, dead_letters, snapshot, self.clock, random, self, conversations)
        return Engine(
            parts,
            DispatcherSettings(setting.in_flight, setting.give_up_after, setting.order, setting.max_events_per_second),
            PipelineSettings(
                in_flight=setting.in_flight,
                max_uncommitted=setting.max_uncommitted,
                max_uncommitted_seconds=setting.max_uncommitted_seconds,
                commit_seconds=setting.commit_seconds,
                revoke_seconds=setting.revoke_seconds,
                patience=Patience(setting.max_waiting_bytes),
            ),
        )

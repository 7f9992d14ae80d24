"""One simulation: the real pipeline in some processes, a world that fails by plan, and what has to be true."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from consumer.delivery.dispatcher import DispatcherSettings
from consumer.dlq.reader import read
from consumer.dlq.record import Origin
from consumer.dlq.writer import KafkaDeadLetters
from consumer.engine import Engine, Parts
from consumer.errors import GreenflashKafkaError
from consumer.model.context import EvaluationContext
from consumer.pipeline import PipelineSettings
from consumer.ports import TopicPartition
from consumer.rules.files import load
from consumer.rules.ruleset import Ruleset
from consumer.source import properties
from consumer.source.kafka import KafkaSource
from consumer.source.subscription import Subscription
from tests.simulation.greenflash import Api, SimulatedTransport
from tests.simulation.kafka.cluster import Log, MemoryKafka
from tests.simulation.kafka.group import Committed
from tests.simulation.kafka.questions import MemoryTopics
from tests.simulation.plan import SECONDS, Fault, Plan
from tests.simulation.plan import make as make_plan
from tests.simulation.points import Consumer, Process, Producer
from tests.simulation.scheduler import EPOCH, Scheduler, SimulatedClock, Stuck, callback
from tests.simulation.traffic import CHANGED_RULES, RULES, Fact, Record
from tests.simulation.traffic import make as make_record

TOPICS = ("orders", "usage")
GROUP, DEAD_LETTERS = "simulated", "dead-letters"
SETTLE_SECONDS = 180.0
"""How long everything may take to come to an end after the last fault: longer than any backoff and Retry-After."""


class Violation(msgspec.Struct, frozen=True):
    """A broken promise: its name, and where."""

    promise: str
    text: str


class Result(msgspec.Struct):
    """What became of a plan."""

    plan: Plan
    violations: list[Violation]
    faults: Counter[str]
    produced: int = 0
    delivered: int = 0
    filtered: int = 0
    dead_lettered: int = 0
    gone: int = 0
    lost: int = 0
    stored_twice: int = 0
    seconds: float = 0.0
    trace: list[str] = []


@cache
def ruleset(text: str = RULES) -> Ruleset:
    """These rules, compiled once."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_text(text)
        loaded = load([file], {})
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


class SimulatedProcess(Process):
    """One process of `run`, from start to end or crash, over and over: a supervisor starts it again."""

    def __init__(self, world: World, name: str, number: int) -> None:
        super().__init__(name)
        self.world = world
        self.number = number
        self.stop = False
        self.clock = SimulatedClock(world.scheduler)
        self.client: Consumer | None = None
        self.producers: list[Producer] = []
        self.frozen = False
        self.ending = False
        self.engine: Engine | None = None
        self.crash_at: tuple[str, int] | None = None
        self.member = world.scheduler.spawn(name, self._run)

    # what `ports.Listener` wants

    def notice(self, name: str, **facts: object) -> None:
        self.world.notices[name] += 1
        self.world.say(f"{self.name}: {name} {facts}")

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        pass

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        pass

    def point(self, name: str) -> None:
        """See `Process.point`."""
        if self.crash_at is None or not self.alive:
            return
        wanted, left = self.crash_at
        if name == wanted:
            self.crash_at = (wanted, left - 1)
            if left <= 1:
                self.world.say(f"{self.name}: dies at {name}")
                self.world.faults[f"crash {name}"] += 1
                self.die()
                self.world.scheduler.park()

    def die(self) -> None:
        """kill -9."""
        self.alive = False
        self.world.scheduler.kill(self.member)
        for each in (self.client, *self.producers):
            if each is not None:
                each.kill()
        self.world.start_again(self)

    def _run(self) -> None:
        try:
            engine = self.engine = self._engine()
            engine.pipeline.start()
            while not self.stop:
                engine.pipeline.step()
            self.ending = True
            closed = engine.end(self.world.plan.setting.drain_seconds)
            self.world.say(f"{self.name}: ended, {'left the group' if closed else 'without goodbye'}")
        except GreenflashKafkaError as error:
            self.world.say(f"{self.name}: {error}")
        self.alive = False

    def _engine(self) -> Engine:
        world, setting, random = self.world, self.world.plan.setting, Random(f"{self.world.plan.seed} {self.name}")

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
            "continue",
            MemoryTopics(world.cluster),
            self,
            monotonic=self.clock.monotonic,
            sleep=self.clock.sleep,
            client=client,
        )
        dead_letters = world.parts["dead_letters"](
            {"delivery.timeout.ms": "4000"},
            DEAD_LETTERS,
            lambda _: Origin(),
            self,
            monotonic=self.clock.monotonic,
            chance=random.random,
            client=producer,
        )
        assert self.client is not None
        context = EvaluationContext(cluster_id="sim", topic_ids=source.topic_ids)
        transport = SimulatedTransport(world.api, self, self.client, setting.lazy_seconds)
        change = setting.rules_change
        rules = ruleset(RULES if change is None or world.scheduler.now < change else CHANGED_RULES)
        parts = Parts(source, transport, dead_letters, rules, context, self.clock, random, self)
        return Engine(
            parts,
            DispatcherSettings(setting.in_flight, None, setting.order, setting.max_events_per_second),
            PipelineSettings(
                in_flight=setting.in_flight,
                max_uncommitted=setting.max_uncommitted,
                commit_seconds=setting.commit_seconds,
                revoke_seconds=setting.revoke_seconds,
            ),
        )


class World:
    """Everything of one run."""

    def __init__(self, plan: Plan, verbose: bool = False, parts: dict[str, Callable[..., Any]] | None = None) -> None:
        self.plan = plan
        self.verbose = verbose
        self.parts: dict[str, Callable[..., Any]] = {
            "source": KafkaSource,
            "dead_letters": KafkaDeadLetters,
            **(parts or {}),
        }
        self.scheduler = Scheduler(most_turns=400_000)
        self.random = Random(f"world {plan.seed}")
        self.cluster = MemoryKafka(self.scheduler)
        self.cluster.latency = plan.setting.latency / 10
        self.group = self.cluster.group(GROUP)
        self._take_commit = self.group.commit
        self.group.commit = self._commit  # type: ignore[method-assign]
        self.first_positions: dict[TopicPartition, int] = {}
        """The first commit of each partition: what was before it nobody has promised."""
        self.api = Api(self.scheduler, Random(f"api {plan.seed}"))
        self.api.latency = plan.setting.latency
        self.api.refusal = plan.setting.refusal
        self.api.on_store = self._stored
        self.api.on_start = self._starts
        self.latest_stored: dict[tuple[TopicPartition, bytes], int] = {}
        self.scheduler.on_end = lambda member: self._ended(member.name, member.error)
        self.processes: dict[int, SimulatedProcess] = {}
        self.records: dict[int, tuple[TopicPartition, int, Record]] = {}
        self.by_offset: dict[tuple[TopicPartition, int], Record] = {}
        self.checked: dict[TopicPartition, int] = {}
        self.letters: Counter[int] = Counter()
        self.letters_read = 0
        self.violations: list[Violation] = []
        self.notices: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.trace: list[str] = []
        self.lives = 0

    def say(self, text: str) -> None:
        """A line of the trace."""
        self.trace.append(f"{self.scheduler.now:9.4f}  {text}")

    def broken(self, promise: str, text: str) -> None:
        """A promise was broken."""
        self.say(f"BROKEN: {promise}: {text}")
        if len(self.violations) < 20:
            self.violations.append(Violation(promise, text))

    # --- processes -------------------------------------------------------------------------------------------------

    def start(self, number: int) -> None:
        """Start a process in this place, unless there is one."""
        was = self.processes.get(number)
        if was is not None and was.alive:
            return
        self.lives += 1
        self.processes[number] = SimulatedProcess(self, f"p{number}.{self.lives}", number)

    def start_again(self, process: SimulatedProcess) -> None:
        """The supervisor starts a process that came to its end."""
        self.scheduler.call_at(self.scheduler.now + 0.5 + self.random.random(), lambda: self.start(process.number))

    def _ended(self, name: str, error: BaseException | None) -> None:
        process = next(each for each in self.processes.values() if each.name == name)
        if error is not None:
            process.alive = False
            self.broken("no process dies of an error of ours", f"{name}: {type(error).__name__}: {error}")
        self.start_again(process)

    # --- faults ----------------------------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> None:
        """Let it happen, and end when its time is over."""
        if fault.kind != "crash":
            self.faults[fault.kind if fault.kind != "api" else f"api {fault.name}"] += 1
        self.say(f"fault: {fault.kind} {fault.who} {fault.name} {fault.seconds} {fault.number}")
        process, cluster = self.processes.get(fault.who), self.cluster

        def later(action: Callable[[], object]) -> None:
            self.scheduler.call_at(self.scheduler.now + fault.seconds, action)

        match fault.kind:
            case "crash" if process is not None:
                process.crash_at = (fault.name, fault.number)
            case "kill" if process is not None and process.alive:
                process.die()
            case "sigterm" if process is not None:
                process.stop = True
            case "freeze" if process is not None and process.alive and not process.frozen:
                self._freeze(process, fault.seconds)
            case "pr5604" if process is not None and process.client is not None:
                process.client._pr5604 = True
            case "join":
                extra = 10 + len(self.processes)
                self.start(extra)
                later(lambda: setattr(self.processes[extra], "stop", True))
            case "clock" if process is not None:
                process.clock.skew += fault.seconds
            case "api":
                self.api.faults[fault] = (fault.name, fault.share)
                later(lambda: self.api.faults.pop(fault, None))
            case "broker":
                cluster.set_broker(up=False)
                later(cluster.set_broker)
            case "silent":
                cluster.set_broker(silent=True)
                later(cluster.set_broker)
            case "answer":
                api, _, code = fault.name.partition(" ")
                code_or_word: Any = code if code in ("lost", "unsent") else int(code)
                cluster.inject(api, *[code_or_word] * int(fault.share))
            case "marker" | "aborted" | "compaction" | "retention":
                self._change_log(fault, *sorted(self.logs().items())[fault.who % len(self.logs())])
            case "partitions":
                cluster.add_partitions(TOPICS[0], max(fault.number, len(cluster.topics[TOPICS[0]].logs)))

    def _change_log(self, fault: Fault, key: TopicPartition, log: Log) -> None:
        match fault.kind:
            case "marker":
                for _ in range(fault.number):
                    self.cluster.marker(*key)
            case "aborted":
                for _ in range(fault.number):
                    self.cluster.produce(key[0], b"{}", b"k", key[1], aborted=True)
            case "compaction":
                # Whatever is settled may go, and leaves a gap that a restart finds.
                done = [each.offset for each in log.records if self._settled(key, each.offset)]
                log.compact(done[:: fault.number])
            case _:
                log.delete_before(self.group.offsets[key].offset + fault.number if key in self.group.offsets else 1)

    def _settled(self, key: TopicPartition, offset: int) -> bool:
        record = self.by_offset.get((key, offset))
        return record is not None and self.wrong_with(record) is None

    def logs(self) -> dict[TopicPartition, Log]:
        """Every partition that is read."""
        return {(topic, n): log for topic in TOPICS for n, log in enumerate(self.cluster.topics[topic].logs)}

    def _freeze(self, process: SimulatedProcess, seconds: float) -> None:
        process.frozen = True
        self.scheduler.freeze(process.member)

        def thaw() -> None:
            process.frozen = False
            self.scheduler.thaw(process.member)

        self.scheduler.call_at(self.scheduler.now + seconds, thaw)

    # --- traffic ---------------------------------------------------------------------------------------------------

    def produce(self, kind: str | None = None, partition: TopicPartition | None = None) -> None:
        """One more message."""
        logs = sorted(self.logs())
        key = self.random.choice(logs) if partition is None else partition
        number = len(self.records)
        now = int((EPOCH + self.scheduler.now) * 1000)
        record = make_record(number, self.random, now, kind)
        offset = self.cluster.log(key).end
        self.records[number] = (key, offset, record)
        self.by_offset[key, offset] = record
        self.cluster.produce(key[0], record.value, record.key, key[1], timestamp_ms=now)

    # --- promises --------------------------------------------------------------------------------------------------

    def wrong_with(self, record: Record) -> str | None:
        """What is missing before this message may be committed, or None."""
        for fact, value in record.facts.items():
            identities = self.api.facts.get(fact, ())
            if not identities:
                return f"{fact} is not stored"
            if self.api.stored[identities[0]]["value"] != value:
                return f"{fact} is stored with a wrong value"
        if record.dead and not self.letters[record.number]:
            return "it is not in the dead-letter topic"
        return None

    def read_letters(self) -> None:
        """Count what has come to the dead-letter topic since the last time."""
        letters = self.cluster.log((DEAD_LETTERS, 0)).records
        for each in letters[self.letters_read :]:
            value = each.value
            message = read(each.key, value, each.headers).letter.message
            record = self.by_offset.get(((message.topic, message.partition), message.offset))
            if record is None or record.value != value:
                self.broken("a dead letter is a message that was produced", message.coordinates)
            elif not record.dead:
                self.broken("only what can't become events is a dead letter", f"{message.coordinates}: {record.kind}")
            else:
                self.letters[record.number] += 1
        self.letters_read = len(letters)

    def _commit(self, member: str, epoch: int, offsets: Mapping[TopicPartition, Committed]) -> int:
        """The group's own, watched."""
        code = self._take_commit(member, epoch, offsets)
        if code == 0:
            for key, each in offsets.items():
                self.first_positions.setdefault(key, each.offset)
                self._committed(not self._read_by_another(member, key), member, key, each.offset)
        return code

    def _read_by_another(self, member: str, key: TopicPartition) -> bool:
        """Whether somebody else in the group has this partition: its offset is not this member's to commit."""
        return any(
            each.client is not None
            and each.client._id != member
            and each.client._id in self.group._members
            and key in each.client._owned
            for each in self.processes.values()
        )

    def _committed(self, by_owner: bool, member: str, key: TopicPartition, offset: int) -> None:
        where = f"{key[0]}/{key[1]} to {offset} by {member}"
        if not by_owner:
            self.broken("nobody commits what another member reads", where)
        log = self.cluster.log(key)
        if offset > log.end:
            self.broken("nothing is committed past the end", f"{where}, which ends at {log.end}")
        self.read_letters()
        at = max(self.checked.get(key, 0), self.first_positions.get(key, 0))
        while at < min(offset, log.end):
            record = self.by_offset.get((key, at))
            wrong = None if record is None or at < log.start else self.wrong_with(record)
            if wrong is not None:
                self.broken("nothing is committed before it is settled", f"{where}, but offset {at}: {wrong}")
                break
            at += 1
        self.checked[key] = max(self.checked.get(key, 0), at)
        self.say(f"committed {where}")

    def _starts(self, process: Process, number: int) -> None:
        """A request begins: of a partition that is this process's, and not while it ends."""
        assert isinstance(process, SimulatedProcess)
        (topic, partition), offset, _ = self.records[number]
        where = f"{topic}/{partition} offset {offset} by {process.name}"
        if process.ending:
            self.broken("nothing new is sent while a process ends", where)
        if process.client is not None and (topic, partition) not in process.client.given:
            self.broken("nothing new is sent of a partition that was asked back", where)

    def _stored(self, fact: Fact) -> None:
        """Stored for the first time: with order by key, never after a later message of its key."""
        if fact[1] not in self.records:
            return
        partition, offset, record = self.records[fact[1]]
        if partition not in self.first_positions:
            # Who dies now comes back with the start that the configuration names, perhaps behind this message.
            self.broken("a start is committed before the first message is handed on", f"{partition} offset {offset}")
        if self.plan.setting.order != "key":
            return
        latest = self.latest_stored.get((partition, record.key), -1)
        if offset < latest:
            self.broken("events of one key are stored in order", f"{partition} offset {offset} after {latest}")
        self.latest_stored[partition, record.key] = max(latest, offset)

    def finished(self) -> bool:
        """Whether everything that was produced is committed."""
        offsets = self.group.offsets
        return all(key in offsets and offsets[key].offset == log.end for key, log in self.logs().items())

    def check_end(self, result: Result) -> None:
        """What has to be true when all is over."""
        self.read_letters()
        logs = self.logs()
        for key, log in sorted(logs.items()):
            at = self.group.offsets[key].offset if key in self.group.offsets else 0
            if at != log.end:
                self.broken("everything comes to an end", f"{key[0]}/{key[1]} is committed to {at} of {log.end}")
        known: set[tuple[str, int, int]] = set()
        for key, offset, record in self.records.values():
            known.update(record.facts)
            if offset < self.first_positions.get(key, 0):
                continue
            result.produced += 1
            wrong = self.wrong_with(record)
            if wrong is not None and offset < logs[key].start:
                result.gone += 1
                if not self.notices["partition_skipped_ahead"]:
                    self.broken("what is gone is named", f"{key[0]}/{key[1]} offset {offset}")
            elif wrong is not None:
                result.lost += 1
                self.broken("nothing is lost", f"{key[0]}/{key[1]} offset {offset} ({record.kind}): {wrong}")
            elif record.dead:
                result.dead_lettered += 1
            elif record.facts:
                result.delivered += 1
            else:
                result.filtered += 1
        for fact, identities in self.api.facts.items():
            if len(identities) > 1:
                result.stored_twice += 1
                self.broken("nothing is stored twice", f"{fact} under {identities}")
            if fact not in known:
                self.broken("nothing is stored that wasn't produced", str(fact))
        for identity in self.api.contradictions:
            self.broken("an insert id always comes with the same event", identity)


def simulate(plan: Plan, verbose: bool = False, parts: dict[str, Callable[..., Any]] | None = None) -> Result:
    """Run a plan to its end. The same plan gives the same result, and the same trace, everywhere."""
    world = World(plan, verbose, parts)
    scheduler, setting, result = world.scheduler, plan.setting, Result(plan, [], Counter())
    for topic in TOPICS:
        world.cluster.create_topic(topic, setting.partitions)
    world.cluster.create_topic(DEAD_LETTERS)
    for _ in range(6):
        world.produce()
    for number in range(setting.processes):
        scheduler.call_at(number * 0.3, callback(world.start, number))
    for _ in range(setting.messages):
        scheduler.call_at(world.random.random() * SECONDS, world.produce)
    for fault in plan.faults:
        scheduler.call_at(fault.at, callback(world.inject, fault))
    try:
        # The longest fault outlasts the traffic; what it leaves behind is then to be mended in peace.
        scheduler.run(SECONDS + 12.5)
        # A run knows that the service is really there by an acceptance, so traffic goes on.
        for turn in range(3):
            for key in sorted(world.logs()):
                scheduler.call_at(scheduler.now + 2.0 * turn, callback(world.produce, "paid", key))
        scheduler.run(scheduler.now + 6.0)
        scheduler.run(scheduler.now + SETTLE_SECONDS, world.finished)
        world.check_end(result)
    except Stuck as stuck:
        world.broken("everything comes to an end", str(stuck))
    finally:
        scheduler.close()
    result.violations, result.faults, result.trace = world.violations, world.faults, world.trace
    return result


def of_seed(seed: int) -> Result:
    """Run a seed; its trace stays behind, it would only be carried from process to process."""
    result = simulate(make_plan(seed))
    result.trace = []
    return result

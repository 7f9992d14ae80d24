"""One simulation: the real pipeline in some processes, a world that fails by plan, and what has to be true."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from greenflash_kafka.dlq.dead_letter_writer import KafkaDeadLetters
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.kafka import KafkaSource
from tests.simulation.book import Book, Fate, Violation
from tests.simulation.chats import SKEW, Chats, Outcome, about, is_unknown
from tests.simulation.customers import Customers
from tests.simulation.greenflash import Api
from tests.simulation.kafka.cluster import Log, MemoryKafka
from tests.simulation.kafka.group import Committed
from tests.simulation.life import DEAD_LETTERS, GROUP, TOPICS, SimulatedProcess
from tests.simulation.plan import SECONDS, Fault, Plan
from tests.simulation.plan import make as make_plan
from tests.simulation.points import Process
from tests.simulation.scheduler import EPOCH, Scheduler, Stuck, callback
from tests.simulation.traffic import make as make_record

DEAD_LETTER_BYTES = 2048
"""The largest record that the dead-letter topic takes: messages of the kind `huge` are larger."""

SETTLE_SECONDS = 180.0
"""How long everything may take to come to an end after the last fault: longer than any backoff and Retry-After."""


class Result(msgspec.Struct):
    """What became of a plan."""

    plan: Plan
    violations: list[Violation]
    faults: Counter[str]
    fate: Fate
    trace: list[str] = []


class World:
    """Everything of one run."""

    def __init__(
        self, plan: Plan, parts: Mapping[str, Callable[..., Any]] | None = None, folder: Path | None = None
    ) -> None:
        """`folder` is for the tables of processes that link."""
        self.seed, self.setting, self.folder = plan.seed, plan.setting, folder
        self.parts: Mapping[str, Callable[..., Any]] = {
            "source": KafkaSource,
            "dead_letters": KafkaDeadLetters,
            **(parts or {}),
        }
        self.scheduler = Scheduler(most_turns=400_000)
        self.random = Random(f"world {plan.seed}")
        self.cluster = MemoryKafka(self.scheduler)
        self.cluster.latency = self.setting.latency / 10
        self.group = self.cluster.group(GROUP)
        self._take_commit = self.group.commit
        self.group.commit = self._commit  # type: ignore[method-assign]
        self.api = Api(self.scheduler, Random(f"api {plan.seed}"))
        self.api.latency = self.setting.latency
        self.api.refusal = self.setting.refusal
        setting = self.setting
        self.book = Book(
            self.cluster,
            self.api,
            TOPICS,
            DEAD_LETTERS,
            setting.order == "key",
            setting.give_up_after is not None,
            self.broken,
        )
        self.api.on_store = self.book.stored
        self.api.on_start = self._starts
        self.scheduler.on_end = lambda member: self._ended(member.name, member.error)
        self.processes: dict[int, SimulatedProcess] = {}
        self.supervised = True
        """Whether processes that came to their end are started again."""
        self.halted: set[TopicPartition] = set()
        """Partitions that wait for an operator, or did."""
        self.violations: list[Violation] = []
        self.faults: Counter[str] = Counter()
        self.trace: list[str] = []
        self.lives: list[SimulatedProcess] = []
        linking = self.setting.linking
        self.customers = self.chats = None
        if linking is not None:
            if linking.rows is not None and linking.links.row_delay is not None:
                random = Random(f"customers {plan.seed}")
                self.customers = Customers(self.cluster, linking.rows, linking.links.row_delay, random)
                self.api.forgets = linking.rows.compacted
            self.chats = Chats(self.cluster, linking, Random(f"chats {plan.seed}"), self.customers)
        if linking is not None and linking.refusal:
            self.api.unknown, self.api.unknown_refusal = is_unknown, linking.refusal
        self._people, self._late = Random(f"people {plan.seed}"), Random(f"late {plan.seed}")
        self.troubled = 0.0
        """Until when something was in the way of reading conversation topics."""

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
        if (was is not None and was.alive) or not self.supervised:
            return
        process = SimulatedProcess(self, f"p{number}.{len(self.lives) + 1}", number)
        self.lives.append(process)
        self.processes[number] = process

    def _start_again(self, process: SimulatedProcess) -> None:
        """The supervisor starts a process that came to its end."""
        self.scheduler.call_at(self.scheduler.now + 0.5 + self.random.random(), callback(self.start, process.number))

    def crashed(self, process: SimulatedProcess, point: str) -> None:
        """See `life.World`."""
        if point:
            self.say(f"{process.name}: dies at {point}")
            self.faults[f"crash {point}"] += 1
        self._start_again(process)

    def _ended(self, name: str, error: BaseException | None) -> None:
        process = next(each for each in self.processes.values() if each.name == name)
        if error is not None:
            process.alive = False
            self.broken("no process dies of an error of ours", f"{name}: {type(error).__name__}: {error}")
        self._start_again(process)

    def noticed(self, process: SimulatedProcess, name: str, facts: Mapping[str, object]) -> None:  # noqa: ARG002
        """See `life.World`."""
        if name in ("partition_halted", "partition_skipped_ahead"):
            key = str(facts["topic"]), int(str(facts["partition"]))
            self.book.named(key, str(facts["reason"]))
            if name == "partition_halted":
                self.halted.add(key)

    def operate(self) -> None:
        """What docs/operations.md tells an operator to do about partitions that are halted."""
        if not self.halted:
            return
        halted, self.halted = sorted(self.halted), set()
        self.faults["halted"] += 1
        self.supervised = False
        for each in self.processes.values():
            each.stop = True
        self.scheduler.run(
            self.scheduler.now + 120.0,
            lambda: not (self.group.members or any(each.alive for each in self.processes.values())),
        )
        for key in halted:
            self.say(f"operator: {key[0]}/{key[1]} to its beginning")
            self.group.offsets[key] = Committed(self.cluster.log(key).start, "")
            self.book.committed(key, self.group.offsets[key], "the operator")
        self.supervised = True
        for number in self.processes:
            self.start(number)

    # --- faults ----------------------------------------------------------------------------------------------------

    def inject(self, fault: Fault) -> None:
        """Let it happen, and end when its time is over."""
        if fault.kind != "crash":
            self.faults[fault.kind if fault.kind != "api" else f"api {fault.name}"] += 1
        self.say(f"fault: {fault.kind} {fault.who} {fault.name} {fault.seconds} {fault.number}")
        self.troubled = max(self.troubled, self.scheduler.now + fault.seconds)
        process = self.processes.get(fault.who)
        match fault.kind:
            case "crash" if process is not None:
                process.crash_at = (fault.name, fault.number)
            case "kill" if process is not None and process.alive:
                process.die()
            case "sigterm" if process is not None:
                process.stop = True
            case "freeze" if process is not None and process.alive and not process.frozen:
                process.freeze(fault.seconds)
            case "pr5604" if process is not None and process.client is not None:
                process.client.pr5604 = True
            case "join":
                extra = 10 + len(self.processes)
                self.start(extra)
                self._later(fault.seconds, lambda: setattr(self.processes[extra], "stop", True))
            case "clock" if process is not None and self.chats is not None:
                # Linking asks what time it is: a clock may differ from the brokers', by less than the margin.
                process.clock.skew = SKEW if fault.seconds > 0 else -SKEW
            case "clock" if process is not None:
                process.clock.skew += fault.seconds
            case "chats hang" if self.chats is not None:
                self.chats.hang(fault.who, fault.seconds)
            case "chats partition" if self.chats is not None:
                self.chats.add_partition(fault.seconds)
            case "chats slow" if self.chats is not None:
                self.chats.slow(fault.seconds)
            case "rows hang" if self.customers is not None:
                self.customers.hang(fault.who, fault.seconds)
            case "rows partition" if self.customers is not None:
                self.customers.add_partition(fault.seconds)
            case "rows slow" if self.customers is not None:
                self.customers.slow(fault.seconds)
            case "rows compaction" if self.customers is not None:
                self.customers.compact(fault.number)
            case "api":
                self.api.faults[fault] = (fault.name, fault.share)
                self._later(fault.seconds, lambda: self.api.faults.pop(fault, None))
            case "marker" | "aborted" | "compaction" | "retention" | "truncation":
                logs = sorted(self.book.logs().items())
                if logs:
                    self._change_log(fault, *logs[fault.who % len(logs)])
            case _:
                self._inject_broker(fault)

    def _later(self, seconds: float, action: Callable[[], object]) -> None:
        self.scheduler.call_at(self.scheduler.now + seconds, action)

    def _inject_broker(self, fault: Fault) -> None:
        cluster = self.cluster
        match fault.kind:
            case "brokers":
                cluster.set_broker(up=False)
                self._later(fault.seconds, cluster.set_broker)
            case "silence":
                cluster.set_broker(silent=True)
                self._later(fault.seconds, cluster.set_broker)
            case "broker":
                cluster.set_broker(up=False, silent=bool(fault.number), number=fault.who)
                self._later(fault.seconds, lambda: cluster.set_broker(number=fault.who))
            case "answer":
                api, _, code = fault.name.partition(" ")
                code_or_word: Any = code if code in ("lost", "unsent") else int(code)
                cluster.inject(api, *[code_or_word] * int(fault.share))
            case "no ids":
                cluster.tells_ids = False
                self._later(fault.seconds, lambda: setattr(cluster, "tells_ids", True))
            case "partitions" if TOPICS[0] in cluster.topics:
                cluster.add_partitions(TOPICS[0], max(fault.number, len(cluster.topics[TOPICS[0]].logs)))
            case "recreation" if (topic := TOPICS[fault.who % 2]) in cluster.topics:
                partitions = len(cluster.topics[topic].logs)
                cluster.delete_topic(topic)
                self._later(fault.seconds, lambda: self._create_again(topic, partitions, fault.number))
                if not fault.share:
                    cluster.tells_ids = False
                    self._later(fault.seconds + 4.0, lambda: setattr(cluster, "tells_ids", True))
            case "no dead letters" if DEAD_LETTERS in cluster.topics:
                self.book.letters_gone()
                cluster.delete_topic(DEAD_LETTERS)
                self._later(fault.seconds, lambda: cluster.create_topic(DEAD_LETTERS, 1, DEAD_LETTER_BYTES))

    def _create_again(self, topic: str, partitions: int, messages: int) -> None:
        self.cluster.create_topic(topic, partitions)
        for number in range(messages):
            self.produce(partition=(topic, number % partitions))

    def _change_log(self, fault: Fault, key: TopicPartition, log: Log) -> None:
        match fault.kind:
            case "marker":
                for _ in range(fault.number):
                    self.cluster.marker(*key)
            case "aborted":
                for _ in range(fault.number):
                    self.cluster.produce(key[0], b"{}", b"k", key[1], aborted=True)
                self.cluster.marker(*key)
            case "compaction":
                # Whatever is settled may go, and leaves a gap that a restart finds.
                done = [each.offset for each in log.records if self.book.settled(key, each.offset)]
                log.compact(done[:: fault.number])
            case "truncation":
                log.truncate(max(log.start, log.end - fault.number))
                self.book.truncated(key)
            case _ if key not in self.halted:
                log.delete_before(self.group.offsets[key].offset + fault.number if key in self.group.offsets else 1)

    # --- what happens ----------------------------------------------------------------------------------------------

    def produce(self, kind: str | None = None, partition: TopicPartition | None = None) -> None:
        """One more message, if its topic is there."""
        logs = sorted(self.book.logs())
        if not logs or (partition is not None and partition not in logs):
            return
        key = self.random.choice(logs) if partition is None else partition
        now = int((EPOCH + self.scheduler.now) * 1000)
        more, linking = None, self.setting.linking
        if linking is not None:
            more = about(self._people, self._late, now, linking.links.lookback, self.customers is not None)
        record = make_record(len(self.book.entries), self.random, now, kind, more)
        self.book.produced(key, record)
        self.cluster.produce(key[0], record.value, record.key, key[1], timestamp_ms=now)

    def _commit(self, member: str, epoch: int, offsets: Mapping[TopicPartition, Committed]) -> int:
        """The group's own, watched."""
        code = self._take_commit(member, epoch, offsets)
        if code == 0:
            for key, each in offsets.items():
                where = f"{key[0]}/{key[1]} to {each.offset} by {member}"
                if self._read_by_another(member, key):
                    self.broken("nobody commits what another member reads", where)
                self.say(f"committed {where}")
                self.book.committed(key, each, member)
        return code

    def _read_by_another(self, member: str, key: TopicPartition) -> bool:
        """Whether somebody else in the group has this partition: its offset is not this member's to commit."""
        return any(
            each.client is not None
            and each.client.memberid() != member
            and each.client.memberid() in self.group.members
            and key in each.client.owned
            for each in self.processes.values()
        )

    def _starts(self, process: Process, number: int) -> None:
        """A request begins."""
        assert isinstance(process, SimulatedProcess)
        assert process.client is not None
        given = self.book.entries[number].place[0] in process.client.given
        self.book.started(number, given, process.ending, process.topic_ids, process.name)

    def outcomes(self) -> Iterator[Outcome]:
        """Every event that was stored."""
        for entry in self.book.entries:
            for fact in entry.record.facts:
                for identity in self.api.facts.get(fact, ()):
                    payload = json.loads(entry.record.value or b"")
                    yield entry.place[0], entry.where, payload, entry.record.timestamp_ms, self.api.stored[identity]


def simulate(plan: Plan, parts: Mapping[str, Callable[..., Any]] | None = None) -> Result:
    """Run a plan to its end. The same plan gives the same result, and the same trace, everywhere."""
    with ExitStack() as stack:
        folder = None
        if plan.setting.linking is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simulated-")))
        return _simulate(plan, World(plan, parts, folder))


def _simulate(plan: Plan, world: World) -> Result:
    setting, fate = plan.setting, Fate()
    scheduler, book = world.scheduler, world.book
    for topic in TOPICS:
        world.cluster.create_topic(topic, setting.partitions)
    world.cluster.create_topic(DEAD_LETTERS, 1, DEAD_LETTER_BYTES)
    for _ in range(6):
        world.produce()
    for number in range(setting.processes):
        scheduler.call_at(setting.begins + number * 0.3, callback(world.start, number))
    for _ in range(setting.messages):
        scheduler.call_at(world.random.random() * SECONDS, world.produce)
    if world.chats is not None and setting.linking is not None:
        for _ in range(setting.linking.records):
            scheduler.call_at(world.random.random() * SECONDS, world.chats.produce)
    if world.customers is not None and setting.linking is not None and setting.linking.rows is not None:
        for _ in range(setting.linking.rows.records):
            scheduler.call_at(world.random.random() * SECONDS, world.customers.produce)
    for fault in plan.faults:
        scheduler.call_at(fault.at, callback(world.inject, fault))
    try:
        # The longest fault outlasts the traffic; what it leaves behind is then to be mended in peace.
        scheduler.run(SECONDS + 12.5)
        world.operate()
        # A run knows that the service is really there by an acceptance, so traffic goes on.
        for turn in range(3):
            for key in sorted(book.logs()):
                scheduler.call_at(scheduler.now + 2.0 * turn, callback(world.produce, "paid", key))
        scheduler.run(scheduler.now + 6.0)
        until = scheduler.now + SETTLE_SECONDS
        scheduler.run(until, lambda: bool(world.halted) or book.finished(world.group.offsets))
        # A gap may show only in the next life.
        world.operate()
        scheduler.run(until, lambda: book.finished(world.group.offsets))
        fate = book.check_end(world.group.offsets)
        if world.chats is not None:
            counts = world.chats.check(world.outcomes(), world.broken)
            fate.linked, fate.rows = counts["linked"], counts["rows"]
    except Stuck as stuck:
        world.broken("everything comes to an end", str(stuck))
    finally:
        scheduler.close()
        for each in world.lives:
            each.forget()
    return Result(plan, world.violations, world.faults, fate, world.trace)


def of_seed(seed: int) -> Result:
    """Run a seed; its trace stays behind, it would only be carried from process to process."""
    result = simulate(make_plan(seed))
    result.trace = []
    return result

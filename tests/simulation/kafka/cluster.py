"""A Kafka cluster in memory and in virtual time: topics, logs, what the group committed, and faults on request.

Three brokers, each there, away (refuses at once) or silent (answers nothing): partitions have their leaders on them,
and the groups their coordinator. What a broker did that stays away is taken over by another after a while. Nothing
here waits: clients do, through the scheduler. Not modelled: quotas, ACLs; faults that come of those are made by
`inject`, by error code.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from confluent_kafka import KafkaError

from tests.simulation.kafka.group import Group, Key
from tests.simulation.scheduler import EPOCH, Scheduler

LATENCY = 0.002
"""Seconds that a request takes to the broker, and its answer back."""

BROKERS = 3
COORDINATOR = 0
"""The broker that coordinates the groups, as long as it is there."""

FAILOVER_SECONDS = 3.0
"""After so long another broker does what one that went away had to do."""

Headers = Sequence[tuple[str, bytes | None]]


class Record(NamedTuple):
    """One entry of a log. `marker`: a transaction's end; `aborted`: readers of committed messages never see it."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    marker: bool = False
    aborted: bool = False


class Log:
    """One partition: its records in order of offset, with whatever gaps compaction left."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.start = 0
        """The first offset that still exists (log start)."""
        self.end = 0
        """The offset of the next record."""
        self.open_from: int | None = None
        """Where the oldest unfinished transaction begins; nothing from there on is readable."""
        self.cuts: list[int] = []
        """Where it was truncated, each time; their number is the leader's epoch."""
        self.furthest = 0
        """The end that it had before it was truncated: up to there offsets were used twice."""
        self.watchers: dict[int, Callable[[], None]] = {}
        """What waits for new records, by the client's number; each is called once."""

    @property
    def stable(self) -> int:
        """The last stable offset: the end of what readers of committed messages may read."""
        return self.end if self.open_from is None else self.open_from

    def append(self, record: Record) -> int:
        """Add it at the end, whatever offset it says; its offset."""
        self.records.append(record._replace(offset=self.end))
        self.end += 1
        self.wake()
        return self.end - 1

    def wake(self) -> None:
        """Tell who waits for this log that something changed."""
        watchers, self.watchers = self.watchers, {}
        for each in watchers.values():
            each()

    def read(self, offset: int, limit: int) -> list[Record]:
        """At most so many records from an offset on, markers included, up to the last stable offset."""
        at, stable = bisect_left(self.records, offset, key=lambda each: each.offset), self.stable
        return [each for each in self.records[at : at + limit] if each.offset < stable]

    def compact(self, offsets: Iterable[int]) -> None:
        """Remove these records; their offsets stay unused."""
        gone = set(offsets)
        self.records = [each for each in self.records if each.offset not in gone]

    def delete_before(self, offset: int) -> None:
        """What retention and DeleteRecords do."""
        self.start = max(self.start, min(offset, self.end))
        self.records = [each for each in self.records if each.offset >= self.start]
        self.wake()

    def truncate(self, offset: int) -> None:
        """What an unclean leader election does: from this offset on all is gone, and other records may take it."""
        self.furthest = max(self.furthest, self.end)
        self.cuts.append(offset)
        self.end = min(self.end, offset)
        self.start = min(self.start, self.end)
        self.records = [each for each in self.records if each.offset < self.end]
        self.wake()


class Topic:
    """A name's present meaning: another `identity` after it was deleted and created again."""

    def __init__(self, identity: str, partitions: int, max_message_bytes: int) -> None:
        self.identity = identity
        self.logs = [Log() for _ in range(partitions)]
        self.max_message_bytes = max_message_bytes


class Unanswered(Exception):
    """A request got no answer: the broker is down (`at_once`) or keeps silent."""

    def __init__(self, at_once: bool) -> None:
        super().__init__()
        self.at_once = at_once


Fault = int | Literal["lost", "unsent"]
"""An error code to answer; or do it and lose the answer; or lose the request."""


class MemoryKafka:
    """The cluster, and what a simulation does to it."""

    def __init__(self, scheduler: Scheduler) -> None:
        self.scheduler = scheduler
        self.topics: dict[str, Topic] = {}
        self.groups: dict[str, Group] = {}
        self._away: dict[int, bool] = {}
        """Brokers that aren't there, and whether they are silent instead of gone."""
        self._stand_ins: dict[int, int] = {}
        self.tells_ids = True
        """Whether questions for topic ids are answered."""
        self.misread: dict[Key, int] = {}
        """So many next fetches ask for an offset that never was."""
        self.latency = LATENCY
        self.changed = object()
        """Notified when a broker or topics come, go or change."""
        self._created = 0
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)

    # --- what a simulation does -------------------------------------------------------------------------------------

    def create_topic(self, name: str, partitions: int = 1, max_message_bytes: int = 1_048_588) -> Topic:
        """A new topic, with an id that no other has had."""
        assert name not in self.topics, f"{name} exists"
        self._created += 1
        topic = self.topics[name] = Topic(f"topic-id-{self._created:013d}", partitions, max_message_bytes)
        self._topics_changed()
        return topic

    def delete_topic(self, name: str) -> None:
        """Its records go, and the groups' offsets for it."""
        gone = self.topics.pop(name)
        for group in self.groups.values():
            group.offsets = {key: value for key, value in group.offsets.items() if key[0] != name}
        for log in gone.logs:
            log.wake()
        self._topics_changed()

    def add_partitions(self, name: str, total: int) -> None:
        """Raise the number of partitions to `total`."""
        logs = self.topics[name].logs
        logs += [Log() for _ in range(total - len(logs))]
        self._topics_changed()

    def produce(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None = None,
        partition: int = 0,
        headers: Headers = (),
        timestamp_ms: int | None = None,
        aborted: bool = False,
    ) -> int:
        """Append one record; its offset."""
        stamp = int((EPOCH + self.scheduler.now) * 1000) if timestamp_ms is None else timestamp_ms
        return self.log((topic, partition)).append(Record(-1, stamp, key, value, tuple(headers), False, aborted))

    def marker(self, topic: str, partition: int = 0) -> int:
        """End a transaction: takes an offset and is never seen."""
        log = self.log((topic, partition))
        log.open_from = None
        return log.append(Record(-1, 0, None, None, (), True))

    def inject(self, api: str, *faults: Fault) -> None:
        """What the next requests of this kind meet: OffsetCommit, OffsetFetch, Fetch, Produce, Metadata, ListOffsets,
        Heartbeat, JoinGroup."""
        self._faults[api] += faults

    def set_broker(self, up: bool = True, silent: bool = False, number: int | None = None) -> None:
        """Let all brokers, or this one, go or come back; what they know survives."""
        for each in range(BROKERS) if number is None else (number,):
            self._stand_ins.pop(each, None)
            self._away.pop(each, None)
            if silent or not up:
                self._away[each] = silent
                self.scheduler.call_at(
                    self.scheduler.now + FAILOVER_SECONDS,
                    lambda each=each: self._fail_over(each),  # type: ignore[misc]
                )
        self._brokers_changed()

    def _fail_over(self, broker: int) -> None:
        there = [each for each in range(BROKERS) if each not in self._away]
        if broker in self._away and there:
            self._stand_ins[broker] = there[broker % len(there)]
            self._brokers_changed()

    def _brokers_changed(self) -> None:
        self._topics_changed()
        for topic in self.topics.values():
            for log in topic.logs:
                log.wake()
        if self.coordinated:
            for group in self.groups.values():
                group.loaded()

    # --- what clients ask -------------------------------------------------------------------------------------------

    @property
    def reachable(self) -> bool:
        """Whether any broker answers."""
        return len(self._away) < BROKERS

    @property
    def coordinated(self) -> bool:
        """Whether the groups' coordinator answers."""
        return self._stand_ins.get(COORDINATOR, COORDINATOR) not in self._away

    def meet(self, api: str, key: Key | None = None) -> Fault:
        """What this request meets, 0 for nothing: at the leader of a partition, at the coordinator, or (Metadata) at
        any broker. Raises `Unanswered`."""
        if api == "Metadata":
            if not self.reachable:
                raise Unanswered(at_once=not any(self._away.values()))
        else:
            broker = COORDINATOR if key is None else (sum(key[0].encode()) + key[1]) % BROKERS
            broker = self._stand_ins.get(broker, broker)
            if broker in self._away:
                raise Unanswered(at_once=not self._away[broker])
        faults = self._faults[api]
        return faults.popleft() if faults else 0

    def log(self, key: Key) -> Log:
        """The partition's log; KeyError when there is none."""
        if not self.has(key):
            raise KeyError(key)
        return self.topics[key[0]].logs[key[1]]

    def has(self, key: Key) -> bool:
        """Whether there is such a partition."""
        return key[0] in self.topics and 0 <= key[1] < len(self.topics[key[0]].logs)

    def group(self, name: str) -> Group:
        """The group of that name, made when it is first asked for."""
        if name not in self.groups:
            self.groups[name] = Group(self.scheduler, self.partitions_of, lambda: self.coordinated)
        return self.groups[name]

    def partitions_of(self, topics: Iterable[str]) -> list[Key]:
        """Every partition of those of these topics that exist."""
        return [(name, n) for name in sorted(topics) if name in self.topics for n in range(len(self.topics[name].logs))]

    def offset_at(self, key: Key, at: str | int) -> int:
        """`earliest`, `latest` (last stable offset), `end` (high watermark) or the first at or after a time; -1 when
        none is so late."""
        log = self.log(key)
        if at == "earliest":
            return log.start
        if at == "latest":
            return log.stable
        if at == "end":
            return log.end
        late = (each.offset for each in log.records if each.timestamp_ms >= int(at) and not each.marker)
        return next(late, -1)

    def _topics_changed(self) -> None:
        self.scheduler.notify(self.changed)


NOT_THERE = KafkaError.UNKNOWN_TOPIC_OR_PART

"""A world in memory for the real pipeline: virtual time, a partitioned log, an API that does as it is told."""

from __future__ import annotations

import heapq
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.ports import DeadLetter, RebalanceListener, Reply, Request, RulesInUse, TopicPartition
from greenflash_kafka.source.subscription import Subscription

Answer = Callable[[Request], Reply]


class VirtualClock:
    """`ports.Clock` whose time passes only by sleeping and waiting."""

    def __init__(self) -> None:
        self.time = 1000.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return 1_795_000_000.0 + self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


class Notices:
    """`ports.Listener` that remembers."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, object]]] = []
        self.counts: defaultdict[tuple[str, tuple[str, ...]], int] = defaultdict(int)
        self.gauges: dict[tuple[str, tuple[str, ...]], float] = {}
        self.observed: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)

    def notice(self, name: str, **facts: object) -> None:
        self.seen.append((name, facts))

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        self.counts[metric, labels] += amount

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        self.gauges[metric, labels] = value

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        del total
        before = self.observed[metric, labels] or [0] * len(counts)
        self.observed[metric, labels] = [a + b for a, b in zip(before, counts, strict=True)]

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.seen]


class MemorySource:
    """`ports.Source` over lists; commits are confirmed at once."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._log: defaultdict[TopicPartition, list[Message]] = defaultdict(list)
        self._positions: dict[TopicPartition, int] = {}
        self._begun: dict[TopicPartition, int] = {}
        self._stored: dict[TopicPartition, int] = {}
        self._listener: RebalanceListener | None = None
        self._todo: list[Callable[[], None]] = []
        self.rules: Callable[[TopicPartition], RulesInUse | None] = lambda _: None
        self.paused: set[TopicPartition] = set()
        self.group: dict[TopicPartition, int] = {}
        """What the group has committed."""
        self.silent = False
        """The group's coordinator doesn't answer: nothing is committed."""
        self.takes = 0
        self.transactions: dict[TopicPartition, OpenTransaction] = {}
        """Those that are open; what is behind them isn't handed on."""
        self.missing: Sequence[str] = ()
        """Topics that are to be read and don't exist."""

    # what a test does

    def append(
        self,
        topic: str,
        value: object,
        partition: int = 0,
        key: bytes | None = b"k",
        headers: tuple[tuple[str, bytes | None], ...] = (),
    ) -> Message:
        log = self._log[topic, partition]
        body = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
        message = Message(topic, partition, len(log), 1_795_000_000_000, key, body, headers)
        log.append(message)
        return message

    def rebalance(self, give: Iterable[TopicPartition] = (), revoke: Iterable[TopicPartition] = ()) -> None:
        """Happens inside the next `take`, as it does in a real client."""
        self._todo.append(lambda: self._revoke(list(revoke)))
        self._todo.append(lambda: self._give(list(give)))

    def lose(self, partitions: Iterable[TopicPartition]) -> None:
        lost = list(partitions)

        def do() -> None:
            assert self._listener is not None
            self._listener.lost(lost)
            self._forget(lost)

        self._todo.append(do)

    def hand_out_again(self, partition: TopicPartition) -> None:
        """From where it was given, as a client may that is assigned everything anew."""
        if partition in self._positions:
            self._positions[partition] = self._begun[partition]

    # ports.Source

    def subscribe(self, listener: RebalanceListener) -> None:
        self._listener = listener

    def resubscribe(self, names: Collection[str], patterns: Sequence[str]) -> None:
        meant = set(Subscription(list(names), patterns).among({topic for topic, _ in self._log}))
        gone = [key for key in self._positions if key[0] not in meant]
        new = [key for key in self._log if key[0] in meant and key not in self._positions]
        self._todo += [lambda: self._revoke(gone), lambda: self._give(new)]

    def take(self, limit: int, timeout: float) -> list[Message]:
        self.takes += 1
        while self._todo:
            self._todo.pop(0)()
        found: list[Message] = []
        for key, position in self._positions.items():
            if key not in self.paused:
                new = self._log[key][position : position + limit - len(found)]
                self._positions[key] = position + len(new)
                found += new
        if not found:
            self._clock.sleep(timeout)
        return found

    def position(self, partition: TopicPartition) -> int | None:
        return self._positions.get(partition)

    def store(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._stored |= {key: offset for key, offset in offsets.items() if key in self._positions}

    def commit(self) -> None:
        if self.silent:
            return
        self.group |= {key: offset for key, offset in self._stored.items() if key in self._positions}

    def committed(self) -> Mapping[TopicPartition, int]:
        return {key: offset for key, offset in self.group.items() if key in self._positions}

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        self.paused |= set(partitions)

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        self.paused -= set(partitions)

    def put_back(self, partition: TopicPartition, offset: int) -> None:
        self.paused.add(partition)
        self._positions[partition] = self._begun[partition] = offset

    def lag(self) -> Mapping[TopicPartition, int]:
        return {key: end - self.group.get(key, 0) for key, end in self.ends().items()}

    def ends(self, seconds: float = 60.0) -> Mapping[TopicPartition, int]:
        assert seconds > 0
        return {
            key: self.transactions[key].end if key in self.transactions else len(self._log[key])
            for key in self._positions
        }

    def open_transactions(self) -> Mapping[TopicPartition, OpenTransaction]:
        return {key: each for key, each in self.transactions.items() if key in self._positions}

    def remaining(self) -> Mapping[TopicPartition, int]:
        return {}

    def lacking(self) -> Sequence[str]:
        return self.missing

    def nothing(self) -> bool:
        return bool(self.missing) and not self._positions

    def settle(self, timeout: float) -> bool:  # noqa: ARG002 - answers at once
        self.commit()
        return True

    def close(self) -> None:
        self._positions.clear()

    def _give(self, partitions: Sequence[TopicPartition]) -> None:
        starts = {key: self.group.get(key, 0) for key in partitions}
        self._positions |= starts
        self._begun |= starts
        assert self._listener is not None
        if starts:
            self._listener.assigned(starts)

    def _revoke(self, partitions: Sequence[TopicPartition]) -> None:
        assert self._listener is not None
        if partitions:
            self._listener.revoking(partitions)
        self._forget(partitions)

    def _forget(self, partitions: Sequence[TopicPartition]) -> None:
        for key in partitions:
            self._positions.pop(key, None)
            self._stored.pop(key, None)
            self.paused.discard(key)


def accepted(request: Request) -> Reply:
    return Reply(request, 201, (), b'{"success": true, "eventId": "e"}')


def status(code: int, headers: Sequence[tuple[str, str]] = (), body: bytes = b"{}") -> Answer:
    return lambda request: Reply(request, code, headers, body)


class ScriptedApi:
    """`ports.Transport`: `answer` decides on each request, `latency` is how long it takes."""

    def __init__(self, clock: VirtualClock, latency: float = 0.01) -> None:
        self._clock = clock
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Request, float]] = []
        self.latency: Callable[[Mapping[str, object]], float] = lambda _: latency
        self.answer: Callable[[Mapping[str, object]], Answer] = lambda _: accepted
        self.requests: list[tuple[float, Mapping[str, object]]] = []
        self.stored: dict[str, Mapping[str, object]] = {}
        self.most_in_flight = 0

    def submit(self, request: Request) -> None:
        event = json.loads(request.body)
        self.requests.append((self._clock.time, event))
        heapq.heappush(
            self._waiting, (self._clock.time + self.latency(event), next(self._order), request, self._clock.time)
        )
        self.most_in_flight = max(self.most_in_flight, len(self._waiting))

    def poll(self, timeout: float) -> list[Reply]:
        until = self._clock.time + timeout
        if self._waiting:
            self._clock.time = max(self._clock.time, min(until, self._waiting[0][0]))
        else:
            self._clock.time = until
        replies = []
        while self._waiting and self._waiting[0][0] <= self._clock.time:
            _, _, request, began = heapq.heappop(self._waiting)
            event = json.loads(request.body)
            reply = self.answer(event)(request)
            reply.seconds = self._clock.time - began
            if reply.status in (200, 201) and b"true" in reply.body:
                self.stored[str(event["insertId"])] = event
            replies.append(reply)
        return replies

    def close(self) -> None:
        self._waiting.clear()


class MemoryDeadLetters:
    """`ports.DeadLetterQueue`; while `broken`, nothing is confirmed."""

    def __init__(self) -> None:
        self.broken = False
        self.dead_letters: list[DeadLetter] = []
        self._open: list[tuple[DeadLetter, Callable[[str | None], None]]] = []

    def write(self, dead_letter: DeadLetter, settled: Callable[[str | None], None]) -> None:
        self._open.append((dead_letter, settled))

    def poll(self) -> None:
        if self.broken:
            return
        done, self._open = self._open, []
        for dead_letter, settled in done:
            self.dead_letters.append(dead_letter)
            settled(None)

    def close(self, timeout: float) -> bool:  # noqa: ARG002 - answers at once
        self.poll()
        return not self._open

"""`ports.Source` in memory: lists in place of logs, and a group whose partitions a test gives and takes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.ports import Clock, RebalanceListener, RulesInUse, TopicPartition
from greenflash_kafka.source.subscription import Subscription


class MemorySource:
    """`ports.Source` over lists; commits are confirmed at once."""

    def __init__(self, clock: Clock) -> None:
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
        if partition in self._positions:
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

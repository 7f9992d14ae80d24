"""The queue of unsettled events: ready, in flight or waiting, by partition, in round robin.

Ready: could be sent now. Waiting: is retried later, or follows an unsettled event of its key. Partitions take turns,
so that a long queue of one doesn't block the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterator
from typing import Protocol

import msgspec

from greenflash_kafka.delivery.failures import Failures
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import TopicPartition

_Key = tuple[TopicPartition, bytes]

LOOKS = 8
"""Partitions examined to find one with less than its share of the slots: enough to be fair, and cheap."""


class Owner(Protocol):
    """The owner of a send: it is notified of the result, and may have lost the right to send."""

    @property
    def may_send(self) -> bool:
        """False once its partition is being revoked or the process drains."""
        ...

    @property
    def partition(self) -> TopicPartition:
        """The partition in whose turn it is sent."""
        ...

    @property
    def key(self) -> bytes | None:
        """The message's key: within a partition, what order is kept for if it is kept. None has no order."""
        ...

    @property
    def record_ms(self) -> int | None:
        """The record's timestamp, in milliseconds since 1970; None if it has none."""
        ...

    def settled(self, send: Send, verdict: Verdict) -> None:
        """The event was accepted, or refused for good."""
        ...

    def failed(self, send: Send, verdict: Verdict) -> None:
        """An attempt failed; the event will be sent again."""
        ...

    def abandoned(self, send: Send) -> None:
        """The event won't be sent by this process: the partition's next owner sends it under the same id."""
        ...


class RefusedLink(msgspec.Struct, frozen=True, gc=False):
    """An event that was refused with its link, as it was, and the code of the verdict."""

    event: Event
    code: str


class Send(msgspec.Struct, gc=False, eq=False):
    """One event on its way, from the first attempt to the last."""

    event: Event
    owner: Owner
    partition_queue: PartitionQueue
    attempts: int = 0
    failures: Failures | None = None
    """None while no response was anything but an acceptance."""
    refused_link: RefusedLink | None = None
    """Set while the event is sent without its link, which the service may not know."""


class PartitionQueue:
    """The events of one partition: those that are ready, in order, and the number in flight or waiting."""

    __slots__ = ("in_flight", "ready", "waiting")

    def __init__(self) -> None:
        self.ready: deque[Send] = deque()
        self.in_flight = 0
        self.waiting = 0


class SendQueue:
    """The queue of all unsettled events. `by_key` keeps the order of events of one message key."""

    def __init__(self, by_key: bool) -> None:
        self._by_key = by_key
        self._partitions: dict[TopicPartition, PartitionQueue] = {}
        self._turns: deque[PartitionQueue] = deque()
        self._partitions_in_flight = 0
        # A dict for its order: a set's depends on addresses, and a simulation has to repeat itself.
        self._retrying: dict[Send, None] = {}
        self._behind: dict[_Key, deque[Send]] = {}
        self._heads: dict[_Key, Send] = {}
        self.ready = 0
        """Events that could be sent now."""
        self.waiting = 0
        """Events that are retried later, or follow another of their key."""
        self.in_flight = 0
        """Events whose request has no response yet."""

    def waits(self, partition: TopicPartition) -> bool:
        """True if an event of this partition waits."""
        partition_queue = self._partitions.get(partition)
        return partition_queue is not None and partition_queue.waiting > 0

    def probes(self, retried: bool) -> Iterator[Send]:
        """The candidates for a probe: all that are ready, and with `retried` those that wait for their next attempt."""
        for partition_queue in self._turns:
            yield from partition_queue.ready
        if retried:
            yield from self._retrying

    def probe(self, retried: bool, probed_rules: Container[str]) -> Send | None:
        """The best candidate for a probe: in turns, rule by rule and partition by partition, since what caused the
        pause may be the only thing that is refused."""

        def tried(send: Send) -> tuple[bool, bool, int]:
            return send.event.rule in probed_rules, self.waits(send.owner.partition), send.attempts

        return min(self.probes(retried), key=tried, default=None)

    def ready_elsewhere(self) -> int:
        """Ready events of partitions in which none waits."""
        return sum(len(partition_queue.ready) for partition_queue in self._turns if not partition_queue.waiting)

    def add(self, event: Event, owner: Owner) -> None:
        """Add a new event: ready, or behind the unsettled one of its key."""
        partition_queue = self._partitions.get(owner.partition)
        if partition_queue is None:
            partition_queue = self._partitions[owner.partition] = PartitionQueue()
        send = Send(event, owner, partition_queue)
        key = self._key(send) if self._by_key else None
        if key is not None:
            if key in self._heads:
                self._behind.setdefault(key, deque()).append(send)
                self._more(partition_queue)
                return
            self._heads[key] = send
        if not partition_queue.ready:
            self._turns.append(partition_queue)
        partition_queue.ready.append(send)
        self.ready += 1

    def again(self, send: Send) -> None:
        """Make an event that was sent before ready again, ahead of the others of its partition."""
        self._enqueue(send, True)

    def take(self, slots: int) -> Send | None:
        """The next event, which is sent now as one of `slots` in all; None when none is ready."""
        turns = self._turns
        if not turns:
            return None
        partition_queue = turns[0]
        several = len(turns) > 1
        if several:
            fair = slots // max(self._partitions_in_flight, len(turns))
            for _ in range(min(LOOKS, len(turns))):
                if turns[0].in_flight < fair:
                    break
                turns.rotate(-1)
            partition_queue = turns[0]
        queue = partition_queue.ready
        send = queue.popleft()
        self.ready -= 1
        if not queue:
            turns.popleft()
        elif several:
            turns.rotate(-1)
        # On the path of every event: a call would cost more than what it does.
        self.in_flight += 1
        if not partition_queue.in_flight:
            self._partitions_in_flight += 1
        partition_queue.in_flight += 1
        return send

    def pull(self, send: Send) -> None:
        """Take this event out of its turn."""
        if self.due(send):
            return
        partition_queue = send.partition_queue
        partition_queue.ready.remove(send)
        self.ready -= 1
        if not partition_queue.ready:
            self._turns.remove(partition_queue)

    def mark_in_flight(self, send: Send) -> None:
        """Note that the event is in flight, though it was not taken in its turn."""
        self.pull(send)
        partition_queue = send.partition_queue
        self.in_flight += 1
        if not partition_queue.in_flight:
            self._partitions_in_flight += 1
        partition_queue.in_flight += 1

    def completed(self, send: Send) -> None:
        """Note that the event is no longer in flight: its response came, or it wasn't sent after all."""
        self.in_flight -= 1
        partition_queue = send.partition_queue
        partition_queue.in_flight -= 1
        if not partition_queue.in_flight:
            self._partitions_in_flight -= 1

    def later(self, send: Send) -> None:
        """Put the event among those that wait for their next attempt."""
        self._retrying[send] = None
        self._more(send.partition_queue)

    def due(self, send: Send) -> bool:
        """End the event's wait; False if it didn't wait."""
        if send not in self._retrying:
            return False
        del self._retrying[send]
        self._less(send.partition_queue)
        return True

    def all_due(self) -> None:
        """Make every event that waits for its next attempt ready now."""
        for send in list(self._retrying):
            self.due(send)
            self._enqueue(send, True)

    def done(self, send: Send) -> None:
        """Note that the event is settled or given up: the next of its key is ready."""
        key = self._key(send) if self._by_key else None
        if key is None or self._heads.get(key) is not send:
            return
        behind = self._behind.get(key)
        if not behind:
            del self._heads[key]
            self._behind.pop(key, None)
            return
        following = self._heads[key] = behind.popleft()
        self._less(following.partition_queue)
        self._enqueue(following, False)

    def drop(self) -> list[Send]:
        """Remove all events whose owner may not send any more; the caller notifies the owners."""
        gone: list[Send] = []
        for key, behind in list(self._behind.items()):
            for send in behind:
                if not send.owner.may_send:
                    gone.append(send)
                    self._less(send.partition_queue)
            self._behind[key] = deque(send for send in behind if send.owner.may_send)
        heads = [send for send in self._retrying if not send.owner.may_send]
        for send in heads:
            self.due(send)
        for send in [send for send in self.probes(False) if not send.owner.may_send]:
            self.pull(send)
            heads.append(send)
        for send in heads:
            self.done(send)
        return gone + heads

    def _key(self, send: Send) -> _Key | None:
        key = send.owner.key
        return None if key is None else (send.owner.partition, key)

    def _enqueue(self, send: Send, first: bool) -> None:
        partition_queue = send.partition_queue
        if not partition_queue.ready:
            self._turns.append(partition_queue)
        if first:
            partition_queue.ready.appendleft(send)
        else:
            partition_queue.ready.append(send)
        self.ready += 1

    def _more(self, partition_queue: PartitionQueue) -> None:
        partition_queue.waiting += 1
        self.waiting += 1

    def _less(self, partition_queue: PartitionQueue) -> None:
        partition_queue.waiting -= 1
        self.waiting -= 1

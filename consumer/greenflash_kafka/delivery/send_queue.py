"""The queue of events that are not in flight: ready or waiting, by partition, in round robin.

Ready: could be sent now. Waiting: is retried later, or follows an unsettled event of its key. Partitions take turns,
so that a long queue of one doesn't block the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from greenflash_kafka.delivery.send import Owner, PartitionQueue, Send
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import TopicPartition

_Key = tuple[TopicPartition, bytes]

LOOKS = 8
"""Partitions examined to find one with less than its share of the slots: enough to be fair, and cheap."""


class SendQueue:
    """The queue of all events that are not in flight. `by_key` keeps the order of events of one message key."""

    def __init__(self, by_key: bool) -> None:
        self._by_key = by_key
        self._partitions: dict[TopicPartition, PartitionQueue] = {}
        self._turns: deque[PartitionQueue] = deque()
        self._partitions_in_flight = 0
        self._retrying: set[Send] = set()
        self._behind: dict[_Key, deque[Send]] = {}
        self._heads: dict[_Key, Send] = {}
        self.ready = 0
        """Events that could be sent now."""
        self.waiting = 0
        """Events that are retried later, or follow another of their key."""

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

    def ready_elsewhere(self) -> int:
        """Ready events of partitions in which none waits."""
        return sum(len(partition_queue.ready) for partition_queue in self._turns if not partition_queue.waiting)

    def add(self, event: Event, owner: Owner) -> None:
        """Add a new event: ready, or behind the unsettled one of its key."""
        partition_queue = self._partitions.get(owner.partition)
        if partition_queue is None:
            partition_queue = self._partitions[owner.partition] = PartitionQueue(owner.partition)
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
        if not partition_queue.in_flight:
            self._partitions_in_flight += 1
        partition_queue.in_flight += 1

    def completed(self, send: Send) -> None:
        """Note that the event is no longer in flight: its response came, or it wasn't sent after all."""
        partition_queue = send.partition_queue
        partition_queue.in_flight -= 1
        if not partition_queue.in_flight:
            self._partitions_in_flight -= 1

    def later(self, send: Send) -> None:
        """Put the event among those that wait for their next attempt."""
        self._retrying.add(send)
        self._more(send.partition_queue)

    def due(self, send: Send) -> bool:
        """End the event's wait; False if it didn't wait."""
        if send not in self._retrying:
            return False
        self._retrying.discard(send)
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

"""Events that aren't in flight: which could go out now, whose turn it is, and which wait behind another.

Ready: could go out now. Waiting: is retried later, or follows an event of its key that isn't settled. Partitions take
turns, so that a long row of one doesn't keep the others from sending.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator

from consumer.delivery.send import Send
from consumer.ports import TopicPartition

_Key = tuple[TopicPartition, bytes]

LOOKS = 8
"""Partitions looked at to find one that has less than its part of the slots: enough to be fair, and cheap."""


class Lanes:
    """Everything that is to be sent and isn't in flight. `by_key` keeps the order of events of one message key."""

    def __init__(self, by_key: bool) -> None:
        self._by_key = by_key
        self._queues: dict[TopicPartition, deque[Send]] = {}
        self._turns: deque[TopicPartition] = deque()
        self._flying: Counter[TopicPartition] = Counter()
        self._retrying: set[Send] = set()
        self._behind: dict[_Key, deque[Send]] = {}
        self._heads: dict[_Key, Send] = {}
        self._waiting: Counter[TopicPartition] = Counter()
        self.ready = 0
        """Events that could go out now."""

    @property
    def waiting(self) -> int:
        """Events that are retried later, or follow one of their key."""
        return self._waiting.total()

    def waits(self, partition: TopicPartition) -> bool:
        """Whether an event of this partition waits."""
        return self._waiting[partition] > 0

    def probes(self, retried: bool) -> Iterator[Send]:
        """What may be sent as a probe: all that is ready, and with `retried` what waits for its next try."""
        for queue in self._queues.values():
            yield from queue
        if retried:
            yield from self._retrying

    def ready_elsewhere(self) -> int:
        """Ready events of partitions of which none waits."""
        return sum(len(queue) for partition, queue in self._queues.items() if not self._waiting[partition])

    def add(self, send: Send) -> None:
        """A new event: ready, or behind the one of its key that isn't settled."""
        key = self._key(send)
        if key is None:
            self._enqueue(send, False)
        elif key in self._heads:
            self._behind.setdefault(key, deque()).append(send)
            self._waiting[send.owner.partition] += 1
        else:
            self._heads[key] = send
            self._enqueue(send, False)

    def again(self, send: Send) -> None:
        """An event that was sent before is ready again, before the others of its partition."""
        self._enqueue(send, True)

    def take(self, slots: int) -> Send | None:
        """The next event to go out of `slots` in all, or None when none is ready."""
        turns = self._turns
        if not turns:
            return None
        if len(turns) > 1:
            fair = slots // max(len(self._flying), len(turns))
            for _ in range(min(LOOKS, len(turns))):
                if self._flying[turns[0]] < fair:
                    break
                turns.rotate(-1)
        partition = turns[0]
        queue = self._queues[partition]
        send = queue.popleft()
        self.ready -= 1
        if queue:
            turns.rotate(-1)
        else:
            turns.popleft()
            del self._queues[partition]
        return send

    def pull(self, send: Send) -> None:
        """Take this one out of its turn."""
        if self.due(send):
            return
        queue = self._queues[send.owner.partition]
        queue.remove(send)
        self.ready -= 1
        if not queue:
            self._turns.remove(send.owner.partition)
            del self._queues[send.owner.partition]

    def flies(self, send: Send) -> None:
        """It went out."""
        self._flying[send.owner.partition] += 1

    def landed(self, send: Send) -> None:
        """Its answer came."""
        partition = send.owner.partition
        self._flying[partition] -= 1
        if not self._flying[partition]:
            del self._flying[partition]

    def later(self, send: Send) -> None:
        """It waits for its next try."""
        self._retrying.add(send)
        self._waiting[send.owner.partition] += 1

    def due(self, send: Send) -> bool:
        """It waits no more; False when it didn't."""
        if send not in self._retrying:
            return False
        self._retrying.discard(send)
        self._less(send)
        return True

    def all_due(self) -> None:
        """What waits for its next try is ready now."""
        for send in list(self._retrying):
            self.due(send)
            self._enqueue(send, True)

    def done(self, send: Send) -> None:
        """It is settled or given up: the next of its key is ready."""
        key = self._key(send)
        if key is None or self._heads.get(key) is not send:
            return
        behind = self._behind.get(key)
        if not behind:
            del self._heads[key]
            self._behind.pop(key, None)
            return
        following = self._heads[key] = behind.popleft()
        self._less(following)
        self._enqueue(following, False)

    def drop(self) -> list[Send]:
        """Take out everything whose owner may not send any more; the caller tells the owners."""
        gone: list[Send] = []
        for key, behind in list(self._behind.items()):
            for send in behind:
                if not send.owner.may_send:
                    gone.append(send)
                    self._less(send)
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
        if not self._by_key:
            return None
        key = send.owner.key
        return None if key is None else (send.owner.partition, key)

    def _enqueue(self, send: Send, first: bool) -> None:
        partition = send.owner.partition
        queue = self._queues.get(partition)
        if queue is None:
            queue = self._queues[partition] = deque()
            self._turns.append(partition)
        if first:
            queue.appendleft(send)
        else:
            queue.append(send)
        self.ready += 1

    def _less(self, send: Send) -> None:
        partition = send.owner.partition
        self._waiting[partition] -= 1
        if not self._waiting[partition]:
            del self._waiting[partition]

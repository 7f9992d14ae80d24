"""The committable offset of a partition, derived from the acks of its messages."""

from __future__ import annotations

from collections import deque

from greenflash_kafka.ports import TopicPartition


class OffsetTracker:
    """The messages of one partition during one assignment.

    A tracker exists as long as the assignment: a revoke closes it, and later acks are ignored, since they refer to
    this object and not to a name that the next assignment could reuse. Committable is the first unfinished
    offset that was really delivered, else the position: never an offset worked out by adding, because compaction
    and transaction markers leave gaps.
    """

    __slots__ = (
        "_unconfirmed",
        "_unfinished",
        "bytes_in_hand",
        "closed",
        "closing",
        "consumed",
        "dead_lettered",
        "first_look",
        "last_ms",
        "level_at",
        "mapped",
        "next_offset",
        "next_read",
        "partition",
        "start",
        "stored",
        "taken",
    )

    def __init__(self, partition: TopicPartition, start: int) -> None:
        self.partition = partition
        self.start = start
        self.next_offset = start
        """One past the last message handed on."""
        self.next_read = start
        """One past the last message that waits to be handed on; of no meaning unless `waits`."""
        self.stored = start
        """The offset last given to the source to commit."""
        self.closing = False
        """No new sends: the partition is being revoked."""
        self.closed = False
        """The epoch is over."""
        self.bytes_in_hand = 0
        """Memory that this partition's messages in hand take, about; whoever has them in hand keeps it."""
        self.consumed = self.taken = self.mapped = self.dead_lettered = 0
        """Messages handed on, of these those that had to be settled, and what became of them; `take_counts`."""
        self.last_ms = 0
        """The timestamp of the last message handed on, as it stands in the record."""
        self.level_at = self.first_look = 0.0
        """When nothing was unread or unsettled at the last look, and when the first look was that found something;
        seconds since 1970, 0 never. Whoever looks keeps them."""
        # Offset to timestamp, in the order in which they were handed on. Asking for the first one looks past what was
        # deleted before it, some thousands at most: that is for now and then, not for every message.
        self._unfinished: dict[int, int] = {}
        # Offsets of messages that gave events, as long as no confirmed commit is past them.
        self._unconfirmed: deque[int] = deque()

    def take(self, offset: int, timestamp_ms: int = 0) -> None:
        """A message was handed on and has to be settled; `timestamp_ms` is its record's."""
        self._unfinished[offset] = timestamp_ms
        self.taken += 1
        self._unconfirmed.append(offset)
        self.next_offset = offset + 1

    def skip(self, offset: int) -> None:
        """Note a message that was handed on and is settled already: no rule matches it."""
        self.next_offset = offset + 1

    def wait(self, offset: int) -> None:
        """A message was read and waits to be handed on, behind all that waited before."""
        self.next_read = offset + 1

    def wait_no_more(self) -> None:
        """What waits is about to be handed on, or comes again."""
        self.next_read = self.next_offset

    @property
    def waits(self) -> bool:
        """Whether messages were read that aren't handed on yet."""
        return self.next_read > self.next_offset

    def ack(self, offset: int) -> None:
        """Note that the message is delivered, or confirmed in the dead-letter topic. Ignored after the epoch's end."""
        if not self.closed:
            self._unfinished.pop(offset, None)

    def confirm(self, offset: int) -> None:
        """Note that the broker has confirmed a commit of this offset: messages before it are never delivered again."""
        unconfirmed = self._unconfirmed
        while unconfirmed and unconfirmed[0] < offset:
            unconfirmed.popleft()

    @property
    def uncommitted(self) -> int:
        """The number of messages that gave events and aren't behind a confirmed commit: a crash would send them
        again."""
        return len(self._unconfirmed)

    @property
    def floor(self) -> int:
        """The offset of the first of those, else the next offset: nothing before it is unfinished, or would be sent
        again."""
        return self._unconfirmed[0] if self._unconfirmed else self.next_offset

    @property
    def unfinished(self) -> int:
        """The number of messages that wait to be settled."""
        return len(self._unfinished)

    @property
    def first_unfinished(self) -> int | None:
        """The offset that the commit can't pass, or None."""
        return next(iter(self._unfinished), None)

    @property
    def first_unfinished_ms(self) -> int | None:
        """The record's timestamp of that message, or None."""
        return next(iter(self._unfinished.values()), None)

    def take_counts(self) -> tuple[int, int, int, int]:
        """Messages since the last time: consumed; of those filtered; then mapped and dead-lettered, whenever read."""
        counts = self.consumed, self.consumed - self.taken, self.mapped, self.dead_lettered
        self.consumed = self.taken = self.mapped = self.dead_lettered = 0
        return counts

    @property
    def ahead(self) -> int:
        """The number of offsets that were handed on after that one."""
        first = self.first_unfinished
        return 0 if first is None else self.next_offset - first

    def committable(self, position: int | None = None) -> int:
        """The next offset to read after a restart.

        `position` is the client's, past transaction markers; give it only when every message that the client has
        handed out has been told to this tracker. It doesn't count while messages wait: it is past them.
        """
        first = self.first_unfinished
        if first is not None:
            return first
        return self.next_offset if position is None or self.waits else max(self.next_offset, position)

    def close(self) -> None:
        """End the epoch: later acks vanish."""
        self.closed = self.closing = True
        self._unfinished.clear()
        self._unconfirmed.clear()

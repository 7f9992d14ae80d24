"""Messages that are too old for `source.max_age`, by the time at which this process first read them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from greenflash_kafka.model.message import Message
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.ports import Clock, Listener
from greenflash_kafka.rules.ruleset import Ruleset

APART_MS: Final = 60_000
"""Times of reading are kept so far apart: what waits may pass for so much younger than it is."""


class _FirstReads:
    """When which offsets of one partition were first read, as long as something of them isn't handed on."""

    __slots__ = ("end", "horizon", "times", "until")

    def __init__(self) -> None:
        self.times: deque[tuple[int, int]] = deque()
        """The first offset that was read at a time, and that time in milliseconds since 1970."""
        self.end = 0
        """One past the last offset that was read."""
        self.horizon = self.until = -1
        """Up to the offset `until` no message is too old whose timestamp isn't before `horizon`."""

    def read(self, offset: int, next_offset: int, now: int) -> None:
        """This offset is read for the first time; `next_offset` is one past the last that was handed on."""
        times = self.times
        if self.end <= next_offset:
            # Nothing waits, so nothing will be asked about what was read before.
            times.clear()
            self.until = -1
        if not times or now - times[-1][1] >= APART_MS:
            times.append((offset, now))
            self.until = -1
        self.end = offset + 1

    def first_read(self, offset: int, limit: int) -> int:
        """When it was read, in milliseconds since 1970; asked in order."""
        times = self.times
        while len(times) > 1 and times[1][0] <= offset:
            times.popleft()
        self.horizon = times[0][1] - limit
        self.until = times[1][0] if len(times) > 1 else self.end
        return times[0][1]


class MessageAges:
    """What was young enough when it was read stays so while it waits, also if it is put back and read again."""

    def __init__(self, ruleset: Ruleset, clock: Clock, listener: Listener) -> None:
        self._clock = clock
        self._listener = listener
        self._reads: dict[OffsetTracker, _FirstReads] = {}
        self._told: set[str] = set()
        self.use(ruleset)

    def use(self, ruleset: Ruleset) -> None:
        """From now on these rules say what is too old."""
        self._ruleset = ruleset
        self._limits: dict[str, int | None] = {}
        for each in self._reads.values():
            each.until = -1
        self.some = ruleset.has_max_age
        """Whether anything can be too old; if not, nothing else has to be called."""

    def read(self, messages: Sequence[Message], tracker_of: Callable[[str, int], OffsetTracker | None]) -> None:
        """These were just read: note those that weren't read before in their assignment."""
        now = int(self._clock.now() * 1000)
        reads, topic, partition = None, "", -1
        for message in messages:
            if reads is not None and message.partition == partition and message.topic == topic:
                # The first of a run says when it was; the others only where it ends.
                if message.offset >= reads.end:
                    reads.end = message.offset + 1
                continue
            reads, topic, partition = None, message.topic, message.partition
            tracker = tracker_of(topic, partition)
            if tracker is None or self._limit(topic) is None:
                continue
            found = self._reads.setdefault(tracker, _FirstReads())
            if message.offset >= max(found.end, tracker.next_offset):
                found.read(message.offset, tracker.next_offset, now)
                reads = found

    def too_old(self, tracker: OffsetTracker, message: Message) -> bool:
        """Whether a message was too old when it was first read; those of a partition are asked about in order. Told
        once a topic."""
        reads = self._reads.get(tracker)
        if reads is None or (message.offset < reads.until and message.timestamp_ms >= reads.horizon):
            return False
        limit, recorded = self._limit(message.topic), message.record_ms
        if limit is None or recorded is None or not reads.times:
            return False
        age = reads.first_read(message.offset, limit) - recorded
        if age <= limit:
            return False
        if message.topic not in self._told:
            self._told.add(message.topic)
            days = round(age / 86_400_000, 1)
            self._listener.notice("messages_too_old", topic=message.topic, example=message.coordinates, days=days)
        return True

    def forget(self, trackers: Iterable[OffsetTracker]) -> None:
        """These aren't assigned any more."""
        for each in trackers:
            self._reads.pop(each, None)

    def _limit(self, topic: str) -> int | None:
        if topic not in self._limits:
            self._limits[topic] = self._ruleset.format_of(topic).max_age
        return self._limits[topic]

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


class MessageAges:
    """What was young enough when it was read stays so while it waits, also if it is put back and read again.

    Of each partition it keeps when which offsets were first read, as long as something of them isn't handed on.
    """

    def __init__(self, ruleset: Ruleset, clock: Clock, listener: Listener) -> None:
        self._clock = clock
        self._listener = listener
        # Of each partition: the first offset that was read at a time, and that time in milliseconds since 1970.
        self._read: dict[OffsetTracker, deque[tuple[int, int]]] = {}
        self._ends: dict[OffsetTracker, int] = {}
        self._told: set[str] = set()
        self.use(ruleset)

    def use(self, ruleset: Ruleset) -> None:
        """From now on these rules say what is too old."""
        self._ruleset = ruleset
        self._limits: dict[str, int | None] = {}
        self.some = ruleset.has_max_age
        """Whether anything can be too old; if not, nothing else has to be called."""

    def read(self, messages: Sequence[Message], tracker_of: Callable[[str, int], OffsetTracker | None]) -> None:
        """These were just read: note those that weren't read before in their assignment."""
        now = int(self._clock.now() * 1000)
        for message in messages:
            tracker = tracker_of(message.topic, message.partition)
            if tracker is None or message.offset < self._ends.get(tracker, tracker.next_offset):
                continue
            times = self._read.setdefault(tracker, deque())
            if self._ends.get(tracker, 0) <= tracker.next_offset:
                # Nothing waits, so nothing will be asked about what was read before.
                times.clear()
            if not times or now - times[-1][1] >= APART_MS:
                times.append((message.offset, now))
            self._ends[tracker] = message.offset + 1

    def too_old(self, tracker: OffsetTracker, message: Message) -> bool:
        """Whether a message was too old when it was first read; those of a partition are asked about in order. Told
        once a topic."""
        limit = self._limit(message.topic)
        recorded = message.record_ms
        times = self._read.get(tracker)
        if limit is None or recorded is None or not times:
            return False
        while len(times) > 1 and times[1][0] <= message.offset:
            times.popleft()
        age = times[0][1] - recorded
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
            self._read.pop(each, None)
            self._ends.pop(each, None)

    def _limit(self, topic: str) -> int | None:
        if topic not in self._limits:
            self._limits[topic] = self._ruleset.format_of(topic).max_age
        return self._limits[topic]

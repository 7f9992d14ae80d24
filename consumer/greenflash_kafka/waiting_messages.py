"""Messages that can't be evaluated yet: kept in lines, put back where they don't fit, handed out once they can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import Want, words
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.pauses import Pauses
from greenflash_kafka.ports import Clock, Listener, Source
from greenflash_kafka.waiting_lines import Line, WaitingLines, size

LOOK_SECONDS: Final = {"schema": 0.01, "horizon": 0.1}
"""How long the loop waits, with nothing else to do, until it looks again whether something is known."""

KINDS: Final = tuple(LOOK_SECONDS)

BEHIND: Final = 100
"""Messages of a partition that are looked at while some schema isn't known."""

RESUMED_A_TURN: Final = 2
"""Partitions of which something still waits that are read on in one turn of the loop: each takes a seek, some 3 ms."""


class Patience(msgspec.Struct, frozen=True):
    """How much may wait, in bytes, and how long, in seconds, before that is a trouble. `horizon_seconds` includes the
    delay that is meant."""

    max_waiting_bytes: int = 16 * 1024 * 1024
    schema_seconds: float = 10.0
    horizon_seconds: float = 60.0


class WaitingMessages:
    """What waits is neither handed on nor in hand: no rule has seen it, and no commit passes it."""

    def __init__(self, source: Source, pauses: Pauses, clock: Clock, listener: Listener, patience: Patience) -> None:
        self._source = source
        self._pauses = pauses
        self._clock = clock
        self._listener = listener
        self._limits = {"schema": patience.schema_seconds, "horizon": patience.horizon_seconds}
        self._next_look = 0.0
        self._put_back: set[OffsetTracker] = set()
        # With the size of the message that comes next.
        self._paused: dict[OffsetTracker, int] = {}
        self._long: set[str] = set()
        self.lines = WaitingLines(patience.max_waiting_bytes)

    def __len__(self) -> int:
        """How many messages are known to wait: of a line that was put back whole, its head."""
        return sum(len(each.messages) or 1 for each in self.lines.by_tracker.values())

    # --- what is read ----------------------------------------------------------------------------------------------

    def begin(self, tracker: OffsetTracker, message: Message, want: Want) -> None:
        """This message waits, as the first of its partition."""
        self.lines.begin(tracker, message, want, self._clock.monotonic())

    def follow(self, tracker: OffsetTracker, message: Message) -> bool:
        """Whether something of this partition waits: then this message does too, or is put back."""
        line = self.lines.by_tracker.get(tracker)
        if line is None:
            return False
        if message.offset < tracker.next_read:
            self._listener.count("messages_dropped")
        elif tracker not in self._put_back:
            if self.lines.has_room(line, size(message)):
                self.lines.append(line, message)
            else:
                self._put(line, message)
        return True

    def read(self) -> None:
        """All that was taken is evaluated or waits: keep to the memory."""
        while (found := self.lines.give_back()) is not None:
            self._put(*found)
        self._put_back.clear()

    def _put(self, line: Line, first: Message) -> None:
        tracker = line.tracker
        self._put_back.add(tracker)
        self._paused[tracker] = size(first)
        self._pauses.add([tracker.partition], "waiting")
        self._source.put_back(tracker.partition, first.offset)

    # --- what goes on ----------------------------------------------------------------------------------------------

    def release(self, limit: int, known: Callable[[Want], bool], evaluate: Callable[[list[Message]], None]) -> int:
        """Have the messages evaluated that can be by now, in order, at most so many; returns how many these were."""
        now = self._clock.monotonic()
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS["schema"]
            self.lines.look(known)
        released = 0
        while released < limit and (taken := self.lines.take(limit - released)) is not None:
            line, portion = taken
            evaluate(portion)
            released += len(portion)
            if not self.lines.rejoin():
                self._go_on(line.tracker)
        if self._paused:
            self._review()
        return released

    def _review(self) -> None:
        """Read on where so much has gone that it won't be put back again at once; not everywhere in the same turn,
        since other partitions' messages wait for each."""
        few, left = self.lines.share // 4, RESUMED_A_TURN
        for tracker, following in list(self._paused.items()):
            line = self.lines.by_tracker.get(tracker)
            if line is None:
                self._go_on(tracker)
            elif left and line.messages and line.bytes < few and self.lines.has_room(line, following):
                self._go_on(tracker)
                left -= 1

    def _go_on(self, tracker: OffsetTracker) -> None:
        if self._paused.pop(tracker, None) is not None:
            self._pauses.remove([tracker.partition], "waiting")

    def look_behind(self, look: Callable[[Message], None]) -> None:
        """Look at some of what waits, heads last: what stands behind a head may show that this names no schema, or
        that the registry knows others."""
        for line in self.lines.by_tracker.values():
            for message in reversed(list(islice(line.messages, BEHIND))):
                look(message)

    def look_now(self) -> None:
        """Something has become known: look for it in this very turn."""
        self._next_look = 0.0

    @property
    def wait(self) -> float:
        """How long the loop may wait for messages, in seconds, while something waits here."""
        return min(LOOK_SECONDS[each.want[0]] for each in self.lines.by_tracker.values())

    def ask_again(self) -> None:
        """Other rules and decoders are in use: what waits may wait for something else, or for nothing."""
        self.lines.ask_again()

    def forget(self, trackers: Iterable[OffsetTracker]) -> None:
        """Nothing of these is handed on any more: what waits comes again to whoever reads them next."""
        trackers = list(trackers)
        self.lines.forget(trackers)
        for each in trackers:
            self._paused.pop(each, None)

    # --- what is told ----------------------------------------------------------------------------------------------

    def report(self) -> None:
        """Set the gauges, and tell if something waits for too long, or no longer does."""
        now, long = self._clock.monotonic(), set()
        for kind in KINDS:
            lines = [each for each in self.lines.by_tracker.values() if each.want[0] == kind]
            oldest = min(lines, key=lambda each: each.since, default=None)
            seconds = 0.0 if oldest is None else now - oldest.since
            self._listener.gauge("partitions_waiting", len(lines), (kind,))
            self._listener.gauge("messages_waiting", sum(len(each.messages) or 1 for each in lines), (kind,))
            self._listener.gauge("waiting_oldest_seconds", seconds, (kind,))
            if oldest is not None and seconds > self._limits[kind]:
                long.add(kind)
                if kind not in self._long:
                    self._tell_long(oldest, seconds)
        self._listener.gauge("waiting_bytes", self.lines.bytes)
        if self._long and not long:
            self._listener.notice("messages_wait_no_longer")
        self._long = long

    def _tell_long(self, line: Line, seconds: float) -> None:
        topic, partition = line.tracker.partition
        self._listener.notice(
            "messages_wait_long",
            topic=topic,
            partition=partition,
            offset=line.messages[0].offset if line.messages else line.tracker.next_offset,
            text=words(line.want),
            seconds=round(seconds),
        )

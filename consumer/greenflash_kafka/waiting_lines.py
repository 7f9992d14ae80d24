"""Messages that can't be evaluated yet, one line for each partition: state and decisions only.

A line belongs to the partition's tracker, hence to one assignment. Its head is what `evaluate` said `NotYet` to;
whatever comes behind the head waits too, so that nothing is overtaken.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import Want
from greenflash_kafka.offsets.tracker import OffsetTracker

OVERHEAD: Final = 512
"""Bytes that a message takes beside value, key and headers, about."""


class Line:
    """The messages of one partition that wait, in the order of their offsets. Without any, its head was put back, and
    only what that waits for is remembered. `since`: monotonic seconds."""

    __slots__ = ("bytes", "messages", "portion", "ready", "since", "tracker", "want")

    def __init__(self, tracker: OffsetTracker, want: Want, since: float) -> None:
        self.tracker = tracker
        self.want = want
        self.since = since
        self.messages: deque[Message] = deque()
        self.bytes = 0
        self.ready = False
        """What its head waited for is known."""
        self.portion = 1
        """So many messages are tried next, twice as many each time: the one behind the head may wait in its turn, and
        what was taken in vain goes back."""


class WaitingLines:
    """All lines, and the memory that they take together: at most `budget` bytes, and what one take brings."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self.by_tracker: dict[OffsetTracker, Line] = {}
        """The line of each partition of which something waits."""
        self._by_want: dict[Want, dict[Line, None]] = {}
        self._horizons: dict[object, list[int]] = {}
        """By sources: the times that are waited for, as a heap."""
        self._ready: deque[Line] = deque()
        self._out: Line | None = None
        self.bytes = 0
        """What all lines take."""

    # --- into a line ---------------------------------------------------------------------------------------------

    def begin(self, tracker: OffsetTracker, message: Message, want: Want, now: float) -> None:
        """This message is the head of a new line."""
        line = self.by_tracker[tracker] = Line(tracker, want, now)
        others = self._by_want.get(want)
        if others is None:
            others = self._by_want[want] = {}
            if want[0] == "horizon":
                heapq.heappush(self._horizons.setdefault(want[1], []), want[2])
        others[line] = None
        self.append(line, message)

    def append(self, line: Line, message: Message) -> None:
        """This message waits behind all others of its line."""
        line.messages.append(message)
        line.tracker.wait(message.offset)
        self._count(line, size(message))

    @property
    def share(self) -> int:
        """Bytes that each line may take."""
        return self._budget // max(1, len(self.by_tracker))

    def has_room(self, line: Line, more: int) -> bool:
        """Whether this line takes so many bytes more. What is just being evaluated again had its room before."""
        return self._out is not None or (line.bytes + more <= self.share and self.bytes + more <= self._budget)

    # --- out of a line -------------------------------------------------------------------------------------------

    def look(self, known: Callable[[Want], bool]) -> None:
        """Find the lines whose head may be evaluated. Asks once for each key, and of the times for the first."""
        for want in [each for each in self._by_want if each[0] != "horizon"]:
            if known(want):
                self._make_ready(want)
        for sources, times in list(self._horizons.items()):
            while times:
                want = ("horizon", sources, times[0])
                if want in self._by_want and not known(want):
                    break
                heapq.heappop(times)
                self._make_ready(want)
            if not times:
                del self._horizons[sources]

    def ask_again(self) -> None:
        """Every head may be evaluated: what it waits for may be something else now."""
        for want in list(self._by_want):
            self._make_ready(want)
        self._horizons.clear()

    def _make_ready(self, want: Want) -> None:
        for line in self._by_want.pop(want, {}):
            line.ready = True
            self._ready.append(line)

    def take(self, limit: int) -> tuple[Line, list[Message]] | None:
        """One of the lines that may go on, in turn, and its first messages, at most so many; None if there is no line.
        The messages are to be evaluated in this order, then `rejoin` is called. There are none if the line's head was
        put back: it comes again from the source."""
        if not self._ready:
            return None
        line = self._out = self._ready.popleft()
        del self.by_tracker[line.tracker]
        portion = [line.messages.popleft() for _ in range(min(limit, line.portion, len(line.messages)))]
        line.portion *= 2
        self._count(line, -sum(map(size, portion)))
        line.tracker.wait_no_more()
        return line, portion

    def rejoin(self) -> bool:
        """What is left of the line that was taken waits again: behind what waits again of its portion, if anything.
        False if nothing of its partition waits any more."""
        line, self._out = self._out, None
        assert line is not None
        new = self.by_tracker.get(line.tracker)
        if line.messages:
            if new is None:
                self.by_tracker[line.tracker] = line
                self._ready.append(line)
            else:
                line.messages.extendleft(reversed(new.messages))
                new.messages = line.messages
                new.bytes += line.bytes
            line.tracker.wait(line.messages[-1].offset)
        return new is not None or bool(line.messages)

    def give_back(self) -> tuple[Line, Message] | None:
        """While all lines take more than they may: a line, and the message from which on its messages are to be had
        again from the source, since they don't wait here any more. None when the memory is kept to, or all go on.

        A line with more than its share keeps that; where heads alone are too much, the youngest line keeps nothing but
        what it waits for.
        """
        if self.bytes <= self._budget:
            return None
        share = self.share
        standing = [each for each in self.by_tracker.values() if each.messages and not each.ready]
        longest = max(standing, key=lambda each: each.bytes, default=None)
        if longest is None:
            return None
        if longest.bytes > share and len(longest.messages) > 1:
            while longest.bytes > share and len(longest.messages) > 1:
                last = longest.messages.pop()
                self._count(longest, -size(last))
            longest.tracker.wait(longest.messages[-1].offset)
            return longest, last
        line = standing[-1]
        first = line.messages[0]
        line.messages.clear()
        self._count(line, -line.bytes)
        line.tracker.wait_no_more()
        return line, first

    def forget(self, trackers: Iterable[OffsetTracker]) -> None:
        """The assignments of these are over, or nothing is handed on any more."""
        for tracker in trackers:
            line = self.by_tracker.pop(tracker, None)
            if line is None:
                continue
            self.bytes -= line.bytes
            tracker.wait_no_more()
            if line.ready:
                self._ready.remove(line)
            else:
                others = self._by_want[line.want]
                del others[line]
                if not others:
                    del self._by_want[line.want]

    def _count(self, line: Line, amount: int) -> None:
        line.bytes += amount
        self.bytes += amount


def size(message: Message) -> int:
    """Bytes that a message takes while it waits, about."""
    found = OVERHEAD
    for each in (message.value, message.key):
        if each is not None:
            found += len(each)
    for name, value in message.headers:
        found += len(name) + (0 if value is None else len(value))
    return found

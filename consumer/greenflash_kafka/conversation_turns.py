"""The part of the loop that linking takes: the reader's turns, how far the linking topics are, and counts of links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from greenflash_kafka.histogram import LINK_AGE_BUCKETS, Histogram
from greenflash_kafka.model.conversations import Result
from greenflash_kafka.model.event import Event
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.offsets.trackers import OffsetTrackers
from greenflash_kafka.ports import Clock, ConversationReader, Listener, Source, TopicPartition
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.waiting_messages import WaitingMessages

LOOK_SECONDS: Final = 1.0
"""Seconds between two calls of `ConversationTurns.look`."""

SETTLING_SECONDS: Final = 10.0
"""So long after an assignment partitions may be without a first message, before the others' progress counts alone."""

_RESULTS: Final[tuple[Result, ...]] = get_args(Result)


class ConversationTurns:
    """Gives a `ConversationReader` its turns."""

    def __init__(
        self,
        reader: ConversationReader,
        source: Source,
        trackers: OffsetTrackers,
        waiting: WaitingMessages,
        clock: Clock,
        listener: Listener,
    ) -> None:
        self._source = source
        self._trackers = trackers
        self._waiting = waiting
        self._clock = clock
        self._listener = listener
        self._reader = reader
        self._snapshot: Snapshot | None = None
        self._assigned_at: float | None = None
        self._oldest: int | None = None
        self._counts: dict[tuple[str, str], int] = {}
        self._ages: dict[str, Histogram] = {}
        self.counted = self.linked = 0
        """Events of rules that link, since the start, and those of them that found their conversation."""
        self.turn = reader.turn
        """Read a part: `ConversationReader.turn`."""

    @property
    def wait(self) -> float:
        """Seconds after which the reader wants its next turn."""
        return self._reader.wait

    @property
    def stalled(self) -> str:
        """What holds the reader up: `ConversationReader.stalled`."""
        return self._reader.stalled

    def use(self, snapshot: Snapshot) -> None:
        """These rules evaluate from now on."""
        self._snapshot = snapshot
        for rule in snapshot.ruleset.linking_rules:
            for result in _RESULTS:
                self._listener.count("links", 0, (rule, result))

    def assigned(self) -> None:
        """Partitions are assigned, be it none."""
        self._assigned_at = self._clock.monotonic()

    def count(self, event: Event) -> None:
        """Count how this event was linked, if its rule links."""
        link = event.link
        if link is None:
            return
        key = (event.rule, link.result)
        self._counts[key] = self._counts.get(key, 0) + 1
        self.counted += 1
        if link.result == "linked":
            self.linked += 1
            ages = self._ages.get(event.rule)
            if ages is None:
                ages = self._ages[event.rule] = Histogram(LINK_AGE_BUCKETS)
            ages.add(link.before_ms / 1000)

    def look(self) -> None:
        """Tell the reader how far the linking topics are, and the listener what was counted; once a second."""
        for key, number in self._counts.items():
            self._listener.count("links", number, key)
        self._counts.clear()
        for rule, ages in self._ages.items():
            counts, total = ages.take()
            if any(counts):
                self._listener.observe("link_age_seconds", counts, total, (rule,))
        if self._assigned_at is not None:
            self._progress(self._assigned_at)
        self._reader.report()

    def _progress(self, assigned_at: float) -> None:
        now, lag = int(self._clock.now() * 1000), self._source.lag()
        heads = [self._head(each, lag, now) for each in self._trackers if self._links(each)]
        known = [min(each, now) for each in heads if each is not None]
        oldest, furthest = (min(known), max(known)) if known else (now, now)
        if len(known) < len(heads):
            if not known or self._clock.monotonic() - assigned_at < SETTLING_SECONDS:
                return
            # What a partition without a message may still ask for stays.
            oldest = min(oldest, self._oldest if self._oldest is not None else oldest)
        self._oldest = oldest
        self._reader.progress(oldest, furthest)

    def _links(self, tracker: OffsetTracker) -> bool:
        reading = None if self._snapshot is None else self._snapshot.by_topic[tracker.partition[0]]
        return reading is not None and bool(reading[2])

    def _head(self, tracker: OffsetTracker, lag: Mapping[TopicPartition, int], now: int) -> int | None:
        """The timestamp of the message that is evaluated next, about, in milliseconds; None if it isn't known."""
        line = self._waiting.lines.by_tracker.get(tracker)
        if line is not None and line.want[0] == "horizon":
            recorded: int = line.want[2]
            return recorded
        if lag.get(tracker.partition) == 0:
            return now
        return tracker.last_ms if tracker.last_ms > 0 else None

"""How much is read: whether there is room for more, and which partitions wait meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from consumer.delivery.dispatcher import Dispatcher
from consumer.offsets.ledger import Ledger
from consumer.offsets.tracker import PartitionTracker
from consumer.ports import Clock, Listener, Source, TopicPartition
from consumer.work import InHand

BATCH = 500
"""Messages taken at once: many enough to be cheap, few enough to return to the answers within milliseconds."""

FULL_AT, ROOM_BELOW = 4, 3
"""Events on their way, in multiples of the requests in flight: so many at most, and up to so many there is room."""

FIRST_FAN_OUT = 16.0
"""Events a message that are reckoned with before the first messages have shown how many it is: `each` makes up to a
thousand, and a whole batch of those would not fit into memory."""

FULL_FOR = 1.0
"""Seconds of being full before partitions are paused: pausing throws prefetched messages away, so not for a hiccup."""


class Bounds(msgspec.Struct, frozen=True):
    """How much may be in hand. `max_in_hand_bytes` bounds the raw messages that wait to be settled, `max_uncommitted`
    how far a partition may run ahead of its oldest unfinished message (offsets; seconds, None for no limit)."""

    in_flight: int = 128
    max_in_hand_bytes: int = 64 * 1024 * 1024
    max_dead_letters: int = 1000
    max_uncommitted: int = 10_000
    max_uncommitted_seconds: float | None = None


class Backpressure:
    """What is slow behind us slows reading down: all partitions where it is everybody's, one alone where it is its own.

    Kafka's group goes on being polled meanwhile, or it would take this member for dead.
    """

    def __init__(
        self,
        source: Source,
        ledger: Ledger,
        dispatcher: Dispatcher,
        in_hand: InHand,
        clock: Clock,
        listener: Listener,
        bounds: Bounds,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._in_hand = in_hand
        self._clock = clock
        self._tell = listener
        self._bounds = bounds
        self._fan_out = FIRST_FAN_OUT
        self._full_since: float | None = None
        self._all_paused = False
        self._held: set[TopicPartition] = set()

    # --- how much at once ---------------------------------------------------------------------------------------

    def batch(self) -> int:
        """How many messages to take next: so few that their events don't wait for long, since being full makes
        partitions pause, and pausing is dear."""
        room = FULL_AT * self._bounds.in_flight - self._dispatcher.going_out
        return min(BATCH, max(1, int(room / self._fan_out)))

    def took(self, messages: int, events: int) -> None:
        """So many messages made so many events."""
        if messages:
            self._fan_out = max(1.0, events / messages)
        if self._tight or self._dispatcher.outage:
            self.review()

    # --- all partitions -----------------------------------------------------------------------------------------

    def has_room(self, draining: bool) -> bool:
        """Whether to poll for messages. Briefly full: don't. Full for longer: pause what is ours, and keep polling,
        or the group would take us for dead."""
        bounds, in_hand = self._bounds, self._in_hand
        full = (
            draining
            or self._dispatcher.going_out > ROOM_BELOW * bounds.in_flight
            or in_hand.bytes >= bounds.max_in_hand_bytes
            or in_hand.dead_letters >= bounds.max_dead_letters
            or self._dispatcher.wants_no_more
        )
        if not full:
            if self._full_since is not None:
                self._full_since = None
                self._resume_all()
            return True
        now = self._clock.monotonic()
        if self._full_since is None:
            self._full_since = now
        if not self._all_paused and now - self._full_since < FULL_FOR:
            return False
        self.pause_all()
        return True

    def pause_all(self) -> None:
        """Read nothing more of what is ours, and of what comes."""
        if not self._all_paused:
            self._all_paused = True
            self._source.pause([tracker.partition for tracker in self._ledger])
            self._tell.notice("consumption_paused")

    def _resume_all(self) -> None:
        if self._all_paused:
            self._all_paused = False
            partitions = [tracker.partition for tracker in self._ledger]
            self._source.resume([each for each in partitions if each not in self._held])
            self._tell.notice("consumption_resumed")

    # --- one partition alone ------------------------------------------------------------------------------------

    @property
    def held(self) -> list[TopicPartition]:
        """Partitions paused because they ran too far ahead of an unfinished message, or hoard memory."""
        return sorted(self._held)

    @property
    def _tight(self) -> bool:
        """Whether half of the memory for messages in hand is taken."""
        return self._in_hand.bytes > self._bounds.max_in_hand_bytes // 2

    def review(self) -> None:
        """Pause a partition alone whose oldest message holds the commit for too long; the others go on."""
        limit, oldest = self._bounds.max_uncommitted, self._old_messages()
        # Half of the memory is for whoever comes. From then on a partition whose events wait, and that has more than
        # its equal part of the other half, is read no further: so there is room for the others however much it hoards.
        share = self._bounds.max_in_hand_bytes // 2 // max(1, len(self._ledger))
        for tracker in self._ledger:
            key = tracker.partition
            if key not in self._held:
                waits = self._dispatcher.waits(key)
                hoards = waits and self._tight and tracker.bytes_in_hand > share
                if waits and self._dispatcher.outage:
                    # No more of the same: but a message of another partition may be the one that passes.
                    self._held.add(key)
                    self._source.pause([key])
                elif tracker.ahead > limit or key in oldest or hoards:
                    self._hold(tracker)
            elif self._dispatcher.outage:
                continue
            elif tracker.ahead <= limit // 2 and key not in oldest and tracker.bytes_in_hand <= share // 2:
                self._held.discard(key)
                if not self._all_paused:
                    self._source.resume([key])
                self._tell.notice("partition_goes_on", topic=key[0], partition=key[1])

    def _old_messages(self) -> set[TopicPartition]:
        """Partitions with a message in hand that is older than allowed."""
        limit = self._bounds.max_uncommitted_seconds
        if limit is None or self._dispatcher.pause_reason is not None:
            # Paused, everything grows old, and the next message may be the probe that ends it.
            return set()
        since = self._clock.monotonic() - limit
        return {work.tracker.partition for work in self._in_hand.works if work.began < since}

    def _hold(self, tracker: PartitionTracker) -> None:
        key, offset = tracker.partition, tracker.first_unfinished
        self._held.add(key)
        self._source.pause([key])
        self._tell.notice(
            "partition_held",
            topic=key[0],
            partition=key[1],
            offset=offset,
            ahead=tracker.ahead,
            **self._holder(key, offset),
        )

    def _holder(self, key: TopicPartition, offset: int | None) -> dict[str, object]:
        for work in self._in_hand.works:
            if work.message.offset == offset and (work.message.topic, work.message.partition) == key:
                rules = sorted({event.rule for event in work.outcome.events})
                last = work.last_code or "no answer yet"
                return {"rules": rules, "last": last, "waits_seconds": round(self._clock.monotonic() - work.began)}
        return {}

    # --- partitions come and go ---------------------------------------------------------------------------------

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        """These are ours, and wait as all do."""
        self._held.difference_update(starts)
        if self._all_paused:
            self._source.pause(starts)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """These aren't ours any more."""
        self._held.difference_update(partitions)

"""Limits on reading: room for more messages, and the partitions that are paused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.offsets.trackers import OffsetTrackers
from greenflash_kafka.pauses import Pauses
from greenflash_kafka.pending_message import PendingMessages
from greenflash_kafka.ports import Clock, Listener, Source, TopicPartition

BATCH = 500
"""Messages taken at once: many enough to be cheap, few enough to return to the answers within milliseconds."""

FULL_AT, ROOM_BELOW = 4, 3
"""Events on their way, in multiples of the requests in flight: so many at most, and up to so many there is room."""

FIRST_FAN_OUT = 16.0
"""Assumed number of events a message before the first messages have shown it: `each` makes up to a thousand, and a
whole batch of those would not fit into memory."""

FULL_FOR = 1.0
"""Seconds of being full before partitions are paused: pausing discards prefetched messages, so a short peak must not
cause it."""


NOTICE_AFTER = 1.0
"""Seconds that a partition is held before a notice reports it: a commit in flight is normal."""

LOOK_AGAIN = 0.02
"""Seconds between two checks of held partitions."""

Why = Literal["outage", "ahead", "age", "memory", "commits"]
"""Reason why one partition is held. outage: its events failed in an outage. ahead: as many offsets lie behind an
unfinished message as are allowed. age: that message is too old. memory: it takes more than its share. commits: as many
messages have given events since the last confirmed commit as are allowed."""


class Bounds(msgspec.Struct, frozen=True):
    """Limits of pending messages. `max_in_hand_bytes` bounds the raw messages that wait to be settled.
    `max_uncommitted` bounds what a crash would send again, by partition: the messages that gave events and aren't
    behind a confirmed commit, and the offsets behind an unfinished message; `max_uncommitted_seconds` the age of that
    message (None for no limit). Without `commits` (a dry run) what is stored counts as committed."""

    in_flight: int = 128
    max_in_hand_bytes: int = 64 * 1024 * 1024
    max_dead_letters: int = 1000
    max_uncommitted: int = 10_000
    max_uncommitted_seconds: float | None = None
    commits: bool = True


class Hold(msgspec.Struct):
    """A partition that is paused alone. `since`: monotonic seconds."""

    why: Why
    since: float
    notified: bool = False


class Backpressure:
    """Slows reading down when a later stage is slow: all partitions if it concerns all, one alone if it concerns only
    that.

    Kafka's group goes on being polled meanwhile, or it would take this member for dead.
    """

    def __init__(
        self,
        source: Source,
        pauses: Pauses,
        offset_trackers: OffsetTrackers,
        dispatcher: Dispatcher,
        pending_messages: PendingMessages,
        clock: Clock,
        listener: Listener,
        bounds: Bounds,
    ) -> None:
        self._source = source
        self._pauses = pauses
        self._offset_trackers = offset_trackers
        self._dispatcher = dispatcher
        self._pending_messages = pending_messages
        self._clock = clock
        self._listener = listener
        self._bounds = bounds
        self._fan_out = FIRST_FAN_OUT
        self._full_since: float | None = None
        self._all_paused = False
        self._held: dict[TopicPartition, Hold] = {}
        self._half = bounds.max_uncommitted // 2
        self._taken = self._slack = 0
        self._next_look = 0.0

    # --- how much at once ---------------------------------------------------------------------------------------

    def batch(self) -> int:
        """The number of messages to take next: so few that their events don't wait long, since a full queue pauses
        partitions, and pausing is expensive."""
        room = FULL_AT * self._bounds.in_flight - self._dispatcher.going_out
        return min(BATCH, max(1, int(room / self._fan_out)))

    def took(self, messages: int, events: int) -> bool:
        """Note that so many messages gave so many events. True when a commit is due now, whatever the clock says, since
        half of `max_uncommitted` is used up."""
        if messages:
            self._fan_out = max(1.0, events / messages)
            self._taken += messages
        if self._tight or self._dispatcher.outage:
            self.review()
        elif self._taken > self._slack or (self._held and self._clock.monotonic() >= self._next_look):
            # A partition can't have come nearer to the limit than by what was taken since the last look.
            return self._look({key for key, hold in self._held.items() if hold.why == "age"})
        return False

    # --- all partitions -----------------------------------------------------------------------------------------

    def has_room(self, draining: bool) -> bool:
        """True if messages may be polled. If full for a short time: False. If full for longer: pause all assigned
        partitions and keep polling, or the group would remove this member."""
        bounds, pending_messages = self._bounds, self._pending_messages
        full = (
            draining
            or self._dispatcher.going_out > ROOM_BELOW * bounds.in_flight
            or pending_messages.bytes >= bounds.max_in_hand_bytes
            or pending_messages.dead_letters >= bounds.max_dead_letters
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

    @property
    def full(self) -> bool:
        """Whether there was no room the last time, so that nothing more may be evaluated."""
        return self._full_since is not None

    def pause_all(self) -> None:
        """Pause all assigned partitions, and those that are assigned later."""
        if not self._all_paused:
            self._all_paused = True
            self._pauses.add([tracker.partition for tracker in self._offset_trackers], "all")
            self._listener.notice("consumption_paused")

    def _resume_all(self) -> None:
        if self._all_paused:
            self._all_paused = False
            self._pauses.remove([tracker.partition for tracker in self._offset_trackers], "all")
            self._listener.notice("consumption_resumed")

    # --- one partition alone ------------------------------------------------------------------------------------

    @property
    def held(self) -> list[TopicPartition]:
        """Partitions paused behind an unfinished message, for so long that a notice has said so. Not those that only
        wait for commits: these go on once a rebalance is over."""
        return sorted(key for key, hold in self._held.items() if hold.notified and hold.why != "commits")

    @property
    def holds(self) -> int:
        """The number of partitions that are paused alone, for any reason."""
        return len(self._held)

    @property
    def waits_for_commits(self) -> bool:
        """True if a held partition has nothing unfinished: it resumes when the broker has confirmed a commit."""
        trackers = (self._offset_trackers.get(*key) for key in self._held)
        return any(tracker is not None and not tracker.unfinished for tracker in trackers)

    @property
    def _tight(self) -> bool:
        """True if half of the memory for pending messages is used."""
        return self._pending_messages.bytes > self._bounds.max_in_hand_bytes // 2

    def review(self) -> None:
        """Pause each partition that has to wait alone, and resume those that no longer have to."""
        self._look(self._old_messages())

    def _look(self, oldest: Collection[TopicPartition]) -> bool:
        """See `review`; `oldest` have a message that is too old. Returns whether a commit would help."""
        now, limit, half = self._clock.monotonic(), self._bounds.max_uncommitted, self._half
        # Half of the memory is for whoever comes. From then on a partition whose events wait, and that has more than
        # its equal part of the other half, is read no further: so there is room for the others however much it hoards.
        share = self._bounds.max_in_hand_bytes // 2 // max(1, len(self._offset_trackers))
        confirmed = self._source.committed() if self._bounds.commits else {}
        commit, slack = False, limit
        for tracker in self._offset_trackers:
            at = confirmed.get(tracker.partition, tracker.start if self._bounds.commits else tracker.stored)
            tracker.confirm(at)
            far = max(tracker.uncommitted, tracker.ahead)
            hold, why = self._held.get(tracker.partition), self._why(tracker, oldest, share)
            if far > half and tracker.stored <= at:
                # One commit at a time, and for a handful none but where it is waited for.
                commit = commit or self._finished(tracker) > (half // 2 if hold is None else 0)
            if hold is not None and why is None and self._may_go_on(hold, tracker, at, share):
                self._release(tracker.partition)
                hold = None
            elif hold is not None or why is not None:
                hold = self._hold(tracker, why, now)
            if hold is None:
                slack = min(slack, half - far if far <= half else (limit - far) // 8)
        self._taken, self._slack, self._next_look = 0, slack, now + LOOK_AGAIN
        return commit

    def _may_go_on(self, hold: Hold, tracker: OffsetTracker, confirmed: int, share: int) -> bool:
        """True if so much has been settled that it won't be held again at once."""
        if self._dispatcher.outage or tracker.bytes_in_hand > share // 2:
            return False
        if max(tracker.uncommitted, tracker.ahead) <= self._half:
            return True
        # What is left of it waits for its messages, not for commits.
        return hold.why == "commits" and tracker.committable() <= confirmed

    @staticmethod
    def _finished(tracker: OffsetTracker) -> int:
        """The number of offsets that could be stored beyond the stored one."""
        return tracker.committable() - tracker.stored

    def _why(self, tracker: OffsetTracker, oldest: Collection[TopicPartition], share: int) -> Why | None:
        key, limit = tracker.partition, self._bounds.max_uncommitted
        waits = self._dispatcher.waits(key)
        if waits and self._dispatcher.outage:
            # No more of the same: but a message of another partition may be the one that passes.
            return "outage"
        if tracker.ahead > limit:
            return "ahead"
        if key in oldest:
            return "age"
        if waits and self._tight and tracker.bytes_in_hand > share:
            return "memory"
        return "commits" if tracker.uncommitted > limit else None

    def _old_messages(self) -> set[TopicPartition]:
        """Partitions with a message in hand that is older than allowed."""
        limit = self._bounds.max_uncommitted_seconds
        if limit is None or self._dispatcher.pause_reason is not None:
            # Paused, everything grows old, and the next message may be the probe that ends it.
            return set()
        since = self._clock.monotonic() - limit
        return {pending.tracker.partition for pending in self._pending_messages.messages if pending.began < since}

    def _hold(self, tracker: OffsetTracker, why: Why | None, now: float) -> Hold:
        """Pause it, or keep it paused (for the same reason, without another notice)."""
        key = tracker.partition
        hold = self._held.get(key)
        if hold is None:
            assert why is not None
            hold = self._held[key] = Hold(why, now)
            self._pauses.add([key], "held")
        hold.why = why = why or hold.why
        # An outage has a notice of its own.
        if not hold.notified and why != "outage" and now - hold.since >= NOTICE_AFTER:
            hold.notified = True
            offset = tracker.first_unfinished
            self._listener.notice(
                "partition_held",
                topic=key[0],
                partition=key[1],
                reason=why,
                offset=tracker.floor if offset is None else offset,
                ahead=tracker.ahead,
                uncommitted=tracker.uncommitted,
                **self._holder(key, offset),
            )
        return hold

    def _release(self, key: TopicPartition) -> None:
        hold = self._held.pop(key)
        self._pauses.remove([key], "held")
        if hold.notified:
            self._listener.notice("partition_goes_on", topic=key[0], partition=key[1])

    def _holder(self, key: TopicPartition, offset: int | None) -> dict[str, object]:
        for pending in self._pending_messages.messages:
            if pending.message.offset == offset and (pending.message.topic, pending.message.partition) == key:
                rules = sorted({event.rule for event in pending.outcome.events})
                last = pending.last_code or "no answer yet"
                return {"rules": rules, "last": last, "waits_seconds": round(self._clock.monotonic() - pending.began)}
        return {}

    # --- partitions come and go ---------------------------------------------------------------------------------

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        """Add assigned partitions; they are paused if all are."""
        self.forget(starts)
        if self._all_paused:
            self._pauses.add(starts, "all")

    def forget(self, partitions: Collection[TopicPartition]) -> None:
        """Remove partitions that aren't assigned any more."""
        self._pauses.forget(partitions)
        for each in partitions:
            self._held.pop(each, None)
        self._slack = 0

"""A pass of a backfill: history through today's rules, and the events of some of them through a dispatcher."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from greenflash_kafka.backfill.backfill_report import BackfillReport, left_out
from greenflash_kafka.backfill.ordered_outcomes import OrderedOutcomes
from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.delivery.queue import Send
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.letter_judge import UNDECIDED
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.pass_stop import COMMIT_SECONDS, PassStop, drive
from greenflash_kafka.ports import Clock, History, TopicPartition

BATCH: Final = 200

Commit = Callable[[Mapping[TopicPartition, int]], None]
"""Commits the next offsets of these partitions, and keeps the membership; called about once a second."""


class _PendingBackfill:
    """A message with events under way; the dispatcher's owner of them."""

    __slots__ = ("_message", "_pass", "_tracker", "key", "left", "partition", "record_ms")

    def __init__(self, owner: BackfillPass, message: Message, tracker: OffsetTracker, left: int) -> None:
        self._pass = owner
        self._message = message
        self._tracker = tracker
        self.partition: TopicPartition = tracker.partition
        self.key = message.key
        self.record_ms = message.record_ms
        self.left = left

    @property
    def may_send(self) -> bool:
        return not self._pass.stopping

    def settled(self, send: Send, verdict: Verdict) -> None:
        report, event = self._pass.report, send.event
        if verdict.action == "accepted":
            report.add(event, self._message.coordinates)
        else:
            left_out(report.refused, verdict.code, event.rule, self._message.coordinates, verdict.text)
        self.left -= 1
        if self.left == 0:
            self._tracker.ack(self._message.offset)

    def failed(self, send: Send, verdict: Verdict) -> None:
        """It is tried again."""

    def abandoned(self, send: Send) -> None:
        """Its message stays unfinished: the next pass has it again."""


class BackfillPass:
    """Reads `ranges`, which `history` was told to read, to their ends, or until it is stopped. Offsets are committed
    once the events before them are settled.

    `rules` are the names of those whose events count; without a dispatcher events are only counted. Invalid messages
    and refused events go into the report alone, and so do events whose conversation nobody can look up any more, unless
    they are sent `unlinked`.
    """

    def __init__(
        self,
        history: History,
        ranges: Sequence[OffsetRange],
        outcomes: OrderedOutcomes,
        rules: Collection[str],
        clock: Clock,
        deadlines: Deadlines,
        dispatcher: Dispatcher | None = None,
        commit: Commit = lambda _: None,
        in_flight: int = 128,
        *,
        unlinked: bool = False,
    ) -> None:
        self._history = history
        self._ends = {(each.topic, each.partition): each.end for each in ranges}
        self._trackers = {
            (each.topic, each.partition): OffsetTracker((each.topic, each.partition), each.start) for each in ranges
        }
        self._outcomes = outcomes
        self._unlinked = unlinked
        self._rules = frozenset(rules)
        self._clock = clock
        self._deadlines = deadlines
        self._dispatcher = dispatcher
        self._commits = commit
        self._committed = {(each.topic, each.partition): each.start for each in ranges}
        self._in_flight = in_flight
        self._stop = PassStop(clock, dispatcher)
        self.report = BackfillReport()

    @property
    def stopping(self) -> bool:
        """True if nothing new is begun."""
        return self._stop.stopping

    def run(
        self, asked_to_stop: Callable[[], bool] = lambda: False, told: Callable[[BackfillReport], None] = lambda _: None
    ) -> BackfillReport:
        """Read to the end, or until the stop; `told` hears of the report about once a second. Raises
        BrokerUnreachable."""
        dispatcher, commit_at = self._dispatcher, self._clock.monotonic() + COMMIT_SECONDS
        while True:
            self._deadlines.run_due()
            self._stop.look(asked_to_stop())
            self._turn()
            if self._clock.monotonic() >= commit_at:
                self._commit()
                self._outcomes.report()
                told(self.report)
                commit_at = self._clock.monotonic() + COMMIT_SECONDS
            outstanding = dispatcher.outstanding if dispatcher is not None else 0
            if (not outstanding and (self.stopping or self._done)) or self._stop.overdue:
                break
        self._commit()
        self.report.unanswered = sum(each.unfinished for each in self._trackers.values())
        self.report.missing = tuple(self._history.missing)
        self.report.stopped_by = self._stop.reason
        return self.report

    @property
    def _done(self) -> bool:
        """All has been handled."""
        return self._history.done and not self._outcomes.waits

    def _turn(self) -> None:
        dispatcher = self._dispatcher
        self._outcomes.turn()
        if dispatcher is None:
            if not self.stopping:
                self._take(0.2)
            return
        if self.stopping:
            dispatcher.abandon()
        elif dispatcher.outstanding < 4 * self._in_flight and not self._done:
            self._take(0.0 if dispatcher.outstanding else 0.2)
        drive(dispatcher, self._deadlines, self._clock)

    def _take(self, wait: float) -> None:
        if not self._outcomes.waits:
            self._outcomes.add(self._history.take(BATCH, wait))
        for message, outcome in self._outcomes.ready():
            self._handle(message, outcome)
        if not (self._dispatcher is not None and self._dispatcher.outstanding) and (why := self._outcomes.stuck()):
            self._stop.ask(why)

    def _handle(self, message: Message, outcome: Outcome) -> None:
        tracker = self._trackers.get((message.topic, message.partition))
        if tracker is None:
            return
        report = self.report
        report.messages += 1
        for problem in outcome.problems:
            if not problem.rule or problem.rule in self._rules:
                said = problem.describe()
                left_out(report.invalid, problem.code, problem.rule or "", message.coordinates, said)
        events = [each for each in outcome.events if each.rule in self._rules and self._decided(each, message)]
        if self._dispatcher is None or not events:
            for event in events:
                report.add(event, message.coordinates)
            tracker.skip(message.offset)
            return
        tracker.take(message.offset)
        pending = _PendingBackfill(self, message, tracker, len(events))
        for event in events:
            self._dispatcher.submit(event, pending)

    def _decided(self, event: Event, message: Message) -> bool:
        """Whether an event may go out with the link that it has, or hasn't."""
        link = event.link
        if link is None or link.result not in UNDECIDED or self._unlinked:
            return True
        text = UNDECIDED[link.result]
        left_out(self.report.unlinked, f"link-{link.result}", event.rule, message.coordinates, text)
        return False

    def _commit(self) -> None:
        done, news = self._done, {}
        for key, tracker in self._trackers.items():
            # Offsets without messages may be the last of a range.
            end = self._ends[key] if done and not tracker.unfinished else 0
            offset = max(tracker.committable(), end)
            if offset != self._committed[key]:
                news[key] = offset
        self._commits(news)
        self._committed |= news

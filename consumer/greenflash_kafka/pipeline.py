"""The life of a message: take -> evaluate -> deliver -> ack -> commit.

One thread, one loop. `Pipeline.step` is one turn of it, and the order of its lines is the order of things.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence

from greenflash_kafka.backpressure import BATCH, Backpressure, Bounds
from greenflash_kafka.conversation_turns import LOOK_SECONDS, ConversationTurns
from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.dlq.limit import Limits, LimitWatch
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.message_ages import MessageAges
from greenflash_kafka.model.decoded import TOO_OLD
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.outcome import FILTERED, NOT_SENT, Outcome
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.offsets.trackers import OffsetTrackers
from greenflash_kafka.pauses import Pauses
from greenflash_kafka.pending_message import PendingMessage, PendingMessages, begin
from greenflash_kafka.ports import (
    Clock,
    ConversationReader,
    DeadLetterQueue,
    Listener,
    RulesInUse,
    Source,
    TopicPartition,
)
from greenflash_kafka.reporting import Reporter
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.waiting_messages import Patience, WaitingMessages

IDLE_WAIT = 0.5
"""Seconds to wait for a message when nothing is under way; signals and deadlines are seen at least so often."""

BUSY_WAIT = 0.005
"""Seconds to wait for answers when there is room for more messages."""

CONFIRM_WAIT = 0.01
"""Seconds to wait between looks at the dead-letter topic's confirmations."""


_TOO_OLD = Outcome(skipped=TOO_OLD.what)


class PipelineSettings(Bounds, frozen=True):
    """Limits of pending messages, of dead letters and of messages that can't be evaluated yet; the interval of commits,
    and the time limit for revoked partitions."""

    commit_seconds: float = 1.0
    revoke_seconds: float = 10.0
    dead_letter_limits: Limits = Limits()
    patience: Patience = Patience()


class MessageTotals:
    """Counts of messages since the start; `accepted` events are the dispatcher's, `drafts` those of draft rules."""

    __slots__ = ("consumed", "dead_lettered", "drafts", "events", "filtered", "mapped")

    def __init__(self) -> None:
        self.consumed = self.filtered = self.mapped = self.dead_lettered = self.events = self.drafts = 0


class Pipeline:
    """Drives everything between a source and Greenflash; also the source's `ports.RebalanceListener`."""

    def __init__(
        self,
        source: Source,
        snapshot: Snapshot,
        dispatcher: Dispatcher,
        dead_letters: DeadLetterQueue,
        deadlines: Deadlines,
        clock: Clock,
        listener: Listener,
        settings: PipelineSettings,
        conversations: ConversationReader | None = None,
    ) -> None:
        """`conversations` is None where nothing links."""
        self._source = source
        self._snapshot = snapshot
        self._dispatcher = dispatcher
        self._dead_letters = dead_letters
        self._deadlines = deadlines
        self._clock = clock
        self._listener = listener
        self._settings = settings
        self._offset_trackers = OffsetTrackers()
        # By partition: messages below an offset were evaluated by these rules, until commits are past it.
        self._earlier: dict[TopicPartition, deque[tuple[int, Ruleset]]] = {}
        self._pending_messages = PendingMessages()
        self._limits = LimitWatch(settings.dead_letter_limits)
        pauses = Pauses(source)
        self._pressure = Backpressure(
            source, pauses, self._offset_trackers, dispatcher, self._pending_messages, clock, listener, settings
        )
        self.waiting = WaitingMessages(source, pauses, clock, listener, settings.patience)
        """Messages that can't be evaluated yet."""
        self._reporter = Reporter(
            source,
            self._offset_trackers,
            dispatcher,
            self._pressure,
            self._pending_messages,
            clock,
            listener,
            settings.commits,
        )
        self._reporter.use(snapshot.ruleset)
        self._ages = MessageAges(snapshot.ruleset, clock, listener)
        self._links: ConversationTurns | None = None
        if conversations is not None:
            self._links = ConversationTurns(conversations, source, self._offset_trackers, self.waiting, clock, listener)
            self._links.use(snapshot)
        self._schemas = snapshot.schemas
        self._rebalancing = False
        self._turn = clock.monotonic()
        self.halts: dict[TopicPartition, str] = {}
        """Halted partitions, which wait for an operator, and the reasons."""
        self.starts: dict[TopicPartition, int] = {}
        """The first offset of each partition that was assigned at any time since the start."""
        self.committed: dict[TopicPartition, int] = {}
        """The last confirmed commit of each partition that was assigned at any time."""
        self.draining = False
        """No new messages and no new sends: the process is about to end."""
        self.totals = MessageTotals()

    def start(self) -> None:
        """Join the group, and commit from then on."""
        self._source.subscribe(self)
        self._commit_later()
        if self._links is not None:
            self._deadlines.after(LOOK_SECONDS, self._look_at_links)

    def use(self, snapshot: Snapshot) -> None:
        """Evaluate with these rules from the next message on, and what waits first; what is in hand isn't evaluated
        again. Only between two turns of the loop."""
        for tracker in self._offset_trackers:
            earlier = self._earlier.setdefault(tracker.partition, deque())
            earlier.append((tracker.next_offset, self._snapshot.ruleset))
        self._snapshot = snapshot
        self._schemas = snapshot.schemas
        self._reporter.use(snapshot.ruleset)
        self._ages.use(snapshot.ruleset)
        if self._links is not None:
            self._links.use(snapshot)
        self.waiting.ask_again()

    # --- one turn of the loop -----------------------------------------------------------------------------------

    def step(self, wait: float = IDLE_WAIT) -> None:
        """Take messages if there is room, those that waited first, evaluate them, send, deal with answers, and run what
        is due."""
        self._turn = self._clock.monotonic()
        self._deadlines.run_due()
        if self._links is not None:
            self._links.turn()
        if self._schemas is not None and self._schemas.poll():
            self.waiting.look_now()
        if self._pressure.has_room(self.draining):
            self._take(wait)
        elif not self._dispatcher.in_flight:
            self._clock.sleep(self._deadlines.wait(CONFIRM_WAIT))
        self._dispatcher.pump()
        if self._dispatcher.in_flight:
            self._dispatcher.poll(self._answer_wait())
            self._dispatcher.pump()
        self._dead_letters.poll()

    def _take(self, wait: float) -> None:
        totals, limit, waiting = self.totals, self._pressure.batch(), self.waiting
        handed_on, events, released = totals.consumed, totals.events, 0
        if waiting.lines.by_tracker and not self._pressure.full:
            released = waiting.release(limit, self._snapshot.known, self._evaluate)
        # One at least, since taking keeps the membership.
        messages = self._source.take(max(1, limit - released), 0.0 if released else self._take_wait(wait))
        if self._ages.some:
            self._ages.read(messages, self._offset_trackers.get)
        self._evaluate(messages)
        if waiting.lines.by_tracker:
            waiting.read()
        if self._pressure.took(totals.consumed - handed_on, totals.events - events):
            self.commit()

    def _take_wait(self, wait: float) -> float:
        # Answers have a place of their own to wait in; only an idle loop waits long for messages.
        if self._dispatcher.in_flight:
            return 0.0
        if self.waiting.lines.by_tracker:
            wait = min(wait, self.waiting.wait)
        if self._links is not None:
            wait = min(wait, self._links.wait)
        soon = self._pending_messages.dead_letters or self._pressure.waits_for_commits
        return self._deadlines.wait(CONFIRM_WAIT if soon else wait)

    def _answer_wait(self) -> float:
        return self._deadlines.wait(BUSY_WAIT if self._links is None else min(BUSY_WAIT, self._links.wait))

    def _evaluate(self, messages: Sequence[Message]) -> None:
        """Evaluate each message; those that no rule matches, most of them, are settled here."""
        snapshot, totals, tracker_of, lines = (
            self._snapshot,
            self.totals,
            self._offset_trackers.get,
            self.waiting.lines.by_tracker,
        )
        ages = self._ages if self._ages.some else None
        dropped = waiting = 0
        for message in messages:
            offset = message.offset
            tracker = tracker_of(message.topic, message.partition)
            if tracker is None or offset < tracker.next_offset:
                # Not ours any more, or handed on before in this very assignment.
                self._listener.count("messages_dropped")
                dropped += 1
                continue
            if lines and self.waiting.follow(tracker, message):
                waiting += 1
                continue
            if ages is not None and ages.too_old(tracker, message):
                outcome: Outcome | NotYet = _TOO_OLD
            else:
                outcome = evaluate(message, snapshot)
            if type(outcome) is NotYet:
                self.waiting.begin(tracker, message, outcome.want)
                waiting += 1
                continue
            tracker.consumed += 1
            tracker.last_ms = message.timestamp_ms
            if outcome is FILTERED:
                totals.filtered += 1
                tracker.skip(offset)
            else:
                self._handle(message, tracker, outcome)
        totals.consumed += len(messages) - dropped - waiting

    def _handle(self, message: Message, tracker: OffsetTracker, outcome: Outcome) -> None:
        totals = self.totals
        if outcome.counts:
            for each in outcome.counts:
                if each.code in NOT_SENT:
                    totals.drafts += each.code == "draft"
                    self._listener.count("rule_events_not_sent", 1, (each.rule or "", each.code))
                else:
                    self._listener.count("rule_fields_omitted", 1, (each.rule or "", each.field or "", each.code))
        if not outcome.events and not outcome.problems:
            if outcome.skipped is not None:
                self._listener.count("messages_skipped", 1, (outcome.skipped,))
            totals.filtered += 1
            tracker.skip(message.offset)
            return
        tracker.take(message.offset, message.timestamp_ms)
        pending = begin(self, message, tracker, outcome, self._turn, self._snapshot.ruleset.version)
        self._pending_messages.add(pending)
        for problem in outcome.problems:
            self._listener.count("message_problems", 1, (problem.rule or "", problem.field or "", problem.code))
        totals.events += len(outcome.events)
        if outcome.events:
            for event in outcome.events:
                if self._links is not None:
                    self._links.count(event)
                self._dispatcher.submit(event, pending)
        else:
            self.events_settled(pending)

    # --- settling -----------------------------------------------------------------------------------------------

    def events_settled(self, pending: PendingMessage) -> None:
        """Every event of this message is accepted or refused: ack it, or keep it in the dead-letter topic first."""
        if pending.refused is None and not pending.outcome.problems:
            self.totals.mapped += 1
            pending.tracker.mapped += 1
            self._limits.delivered(pending.message.topic)
            self._ack(pending)
            return
        if pending.tracker.closed or not pending.may_send:
            # Written now, it would be written again by the partition's next owner.
            self._pending_messages.give_up(pending)
            return
        dead_letter = pending.dead_letter()
        if not self._limits.allows(dead_letter):
            # Unfinished, so that its offset is never committed: it is redelivered after the rule is corrected.
            self.draining = True
            self._pending_messages.give_up(pending)
            return
        self._pending_messages.dead_letters += 1
        self._dead_letters.write(dead_letter, lambda failed: self._dead_letter_answered(pending, failed))

    def _dead_letter_answered(self, pending: PendingMessage, failed: str | None) -> None:
        if failed is not None:
            return
        self._pending_messages.dead_letters -= 1
        self.totals.dead_lettered += 1
        pending.tracker.dead_lettered += 1
        self._ack(pending)

    def _ack(self, pending: PendingMessage) -> None:
        pending.tracker.ack(pending.message.offset)
        self._pending_messages.discard(pending)

    def abandoned(self, pending: PendingMessage) -> None:
        """An event of this message won't be sent by this process: the message stays unfinished and is redelivered."""
        self._pending_messages.give_up(pending)

    # --- committing ---------------------------------------------------------------------------------------------

    def _commit_later(self) -> None:
        self._deadlines.after(self._settings.commit_seconds, self._commit_due)

    def _commit_due(self) -> None:
        if self._rebalancing:
            # Positions may not be asked for inside `take`; what is revoked is committed by `revoking` itself.
            self._commit_later()
            return
        self.commit()
        self._pressure.review()
        self.committed |= self._source.committed()
        self._reporter.report(len(self.halts))
        self.waiting.report()
        if self._schemas is not None and self._schemas.waits():
            self.waiting.look_behind(self._snapshot.look)
        self._commit_later()

    def _look_at_links(self) -> None:
        assert self._links is not None
        self._links.look()
        self._deadlines.after(LOOK_SECONDS, self._look_at_links)

    def commit(self) -> None:
        """Store what has become committable and ask for it to be committed, without waiting."""
        self._source.store(self._offset_trackers.to_store(self._source.position))
        self._source.commit()

    # --- ports.RebalanceListener: called inside `take`, on this thread -------------------------------------------

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        """Begin these partitions at these offsets."""
        self.waiting.forget(self._trackers(starts))
        self._reporter.assigned(starts)
        for key, offset in starts.items():
            self._offset_trackers.open(key, offset)
            self.starts.setdefault(key, offset)
            self.halts.pop(key, None)
        self._pressure.assigned(starts)
        if self._links is not None:
            self._links.assigned()
        self._listener.notice("partitions_assigned", partitions=len(starts), now=len(self._offset_trackers))

    def revoking(self, partitions: Sequence[TopicPartition]) -> None:
        """Finish the pending messages of these partitions, within a time limit; then store the finished offsets, and
        close the epoch."""
        trackers = self._offset_trackers.stop_sending(partitions)
        self.waiting.forget(trackers)
        self._dispatcher.abandon()
        until = self._clock.monotonic() + self._settings.revoke_seconds
        self._rebalancing = True
        while self._under_way(trackers) and self._clock.monotonic() < until:
            # The other partitions' retries and probes go on; only the commit waits.
            self._deadlines.run_due()
            self._drive(0.02)
        self._rebalancing = False
        # The client's position is past messages of this very batch that nobody has handed on yet: not asked here.
        self._source.store({each.partition: each.committable() for each in trackers})
        self._source.commit()
        self._forget(partitions)
        self._listener.notice("partitions_revoked", partitions=len(partitions), now=len(self._offset_trackers))

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """Drop everything of these partitions and commit nothing: another member has them already."""
        self.waiting.forget(self._offset_trackers.stop_sending(partitions))
        self._dispatcher.abandon()
        self._forget(partitions)

    def halted(self, partition: TopicPartition, reason: str) -> None:
        """Note a partition that gives no more messages until an operator decides; its pending messages, and those that
        can't be evaluated yet, go on."""
        self.halts[partition] = reason
        self._listener.gauge("partitions_halted", len(self.halts))

    def _forget(self, partitions: Sequence[TopicPartition]) -> None:
        self._reporter.forget(partitions)
        self._ages.forget(self._trackers(partitions))
        self._offset_trackers.close(partitions)
        self._pressure.forget(partitions)
        for key in partitions:
            self.halts.pop(key, None)
            self._earlier.pop(key, None)

    def _trackers(self, partitions: Iterable[TopicPartition]) -> list[OffsetTracker]:
        return [each for each in (self._offset_trackers.get(*key) for key in partitions) if each is not None]

    def _under_way(self, trackers: Sequence[OffsetTracker]) -> bool:
        """True if an event of these is in flight, or a dead letter of these is being written."""
        wanted = {id(each) for each in trackers}
        return any(id(pending.tracker) in wanted for pending in self._pending_messages.messages)

    def _drive(self, wait: float) -> None:
        if self._dispatcher.in_flight:
            self._dispatcher.poll(wait)
        elif self._pending_messages.dead_letters:
            self._clock.sleep(CONFIRM_WAIT)
        self._dispatcher.pump()
        self._dead_letters.poll()

    # --- the end ------------------------------------------------------------------------------------------------

    def drain(self, seconds: float) -> bool:
        """Send nothing new, wait for what is in flight, store and commit. False when time ran out before."""
        self.draining = True
        self.waiting.forget(self._offset_trackers)
        self._dispatcher.abandon()
        until = self._clock.monotonic() + seconds
        while self.unanswered and self._clock.monotonic() < until:
            self._pressure.pause_all()
            self._drive(0.05)
            # Keeps the membership. What comes in spite of the pause isn't handed on, so it comes again.
            self._source.take(BATCH, 0)
        self._source.store({each.partition: each.committable() for each in self._offset_trackers})
        self._source.commit()
        return not self.unanswered

    @property
    def too_many_dead_letters(self) -> str:
        """The limit of dead letters that was exceeded, and the cause: the process has to end. Empty while none is."""
        return self._limits.exceeded

    @property
    def unanswered(self) -> int:
        """Requests in flight and unconfirmed dead letters."""
        return self._dispatcher.in_flight + self._pending_messages.dead_letters

    def left_over(self, committed: Mapping[TopicPartition, int]) -> int:
        """At the end: messages of which something was sent, or is being written, and that no confirmed commit is past.
        Those of which nothing was sent don't count: to the next process they are new."""
        for tracker in self._offset_trackers:
            tracker.confirm(committed.get(tracker.partition, tracker.start))
        unsent = sum(not (each.sent or each.tracker.closed) for each in self._pending_messages.given_up)
        return sum(tracker.uncommitted for tracker in self._offset_trackers) - unsent

    @property
    def unfinished(self) -> int:
        """Messages that wait to be settled, or to be evaluated."""
        return sum(tracker.unfinished for tracker in self._offset_trackers) + len(self.waiting)

    @property
    def assigned_partitions(self) -> set[TopicPartition]:
        """The partitions that are assigned now."""
        return {tracker.partition for tracker in self._offset_trackers}

    def rules_in_use(self, partition: TopicPartition) -> RulesInUse:
        """The rules that have evaluated a partition's messages up to the committable offset, and the end of the
        messages that were handed on under them."""
        tracker, rules = self._offset_trackers.get(*partition), self._snapshot.ruleset
        reached = 0 if tracker is None else tracker.next_offset
        earlier = self._earlier.get(partition)
        while tracker is not None and earlier:
            until, were = earlier[0]
            if tracker.committable() <= until:
                rules, reached = were, until
                break
            earlier.popleft()
        return RulesInUse(rules.version, rules.ids_of(partition[0]), reached)

    def positions(self) -> dict[TopicPartition, int]:
        """The offsets that would be committed now, by partition."""
        return {
            each.partition: each.committable(self._source.position(each.partition)) for each in self._offset_trackers
        }

    @property
    def linked(self) -> tuple[int, int] | None:
        """Events that found their conversation, and all events of rules that link; None where no rule links."""
        return None if self._links is None else (self._links.linked, self._links.counted)

    @property
    def drafts(self) -> int | None:
        """Events of draft rules, which aren't sent; None where no rule is a draft."""
        return self.totals.drafts if self._snapshot.ruleset.drafts else None

    @property
    def conversations_stalled(self) -> str:
        """What holds the reading of conversation topics up while messages wait for it; empty if nothing does."""
        return "" if self._links is None else self._links.stalled

    @property
    def schemas_stalled(self) -> str:
        """What keeps messages waiting that wait for a schema; empty if nothing does, or nothing does but time."""
        wants = [each.want[1] for each in self.waiting.lines.by_tracker.values() if each.want[0] == "schema"]
        for mixed in (each for each in wants if isinstance(each, tuple)):
            return str(mixed[-1])
        return self._schemas.stalled if wants and self._schemas is not None else ""

    @property
    def held(self) -> list[TopicPartition]:
        """Partitions paused behind an unfinished message, and reported by a notice."""
        return self._pressure.held

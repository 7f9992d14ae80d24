"""The dispatcher of events: it moves requests as the policy, the limits and the queue allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from random import Random
from typing import Literal

import msgspec

from greenflash_kafka.deadlines import Deadline, Deadlines
from greenflash_kafka.delivery.failures import Failures
from greenflash_kafka.delivery.limits import SendLimits, kind_of
from greenflash_kafka.delivery.link_fallback import LinkFallback
from greenflash_kafka.delivery.policy import HOLDS_FOR_ALL, Decision, FailedAttempt, Fate, Policy, State
from greenflash_kafka.delivery.queue import Owner, Send, SendQueue
from greenflash_kafka.delivery.response_table import ACCEPTED, Verdict, accepts, judge
from greenflash_kafka.delivery.tally import Tally, code_label
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import Clock, Listener, Reply, Request, TopicPartition, Transport


class DispatcherSettings(msgspec.Struct, frozen=True):
    """`in_flight`: concurrent requests, the upper limit if `adaptive`. `give_up_after`: seconds after which an event
    that keeps failing while others succeed becomes a dead letter, None never. `order`: `key` keeps the order of events
    of one message key. `max_events_per_second`: retries included, None for no limit."""

    in_flight: int = 128
    give_up_after: float | None = None
    order: Literal["none", "key"] = "none"
    max_events_per_second: float | None = None
    adaptive: bool = True


class Dispatcher:
    """Keeps up to `in_flight` requests going, and does with every response what the policy decides.

    `before_probe` is called before each probe of a paused delivery.
    """

    def __init__(
        self,
        transport: Transport,
        deadlines: Deadlines,
        clock: Clock,
        random: Random,
        listener: Listener,
        settings: DispatcherSettings,
        before_probe: Callable[[], None] = lambda: None,
    ) -> None:
        self._transport = transport
        self._deadlines = deadlines
        self._clock = clock
        self._listener = listener
        self._before_probe = before_probe
        self._by_key = settings.order == "key"
        self._queue = SendQueue(self._by_key)
        self._limits = SendLimits(settings.in_flight, settings.max_events_per_second, settings.adaptive)
        self._policy = Policy(random.random, settings.give_up_after)
        self._tally = Tally(listener)
        self._links = LinkFallback(listener)
        self._probe: Send | None = None
        self._policy_wake: Deadline | None = None
        self._rate_wake: Deadline | None = None

    # --- questions ------------------------------------------------------------------------------------------------

    @property
    def accepted(self) -> int:
        """Events accepted since the start."""
        return self._policy.accepted

    @property
    def pause_reason(self) -> Verdict | None:
        """The reason why nothing is sent; None while events are sent."""
        return self._policy.reason

    @property
    def outage(self) -> bool:
        """True if the reason of the pause is an outage, which ends by itself: nobody has to correct anything here."""
        return self._policy.outage

    @property
    def in_flight(self) -> int:
        """Requests without a response yet."""
        return self._queue.in_flight

    @property
    def outstanding(self) -> int:
        """Events neither settled nor abandoned: queued, in flight, or waiting for their next try."""
        queue = self._queue
        return queue.ready + queue.in_flight + queue.waiting

    @property
    def going_out(self) -> int:
        """Events in flight or ready: without those that are retried later or follow another of their key."""
        # What is ready behind failures isn't what the next message would wait for: it may be the one that passes.
        ready = self._queue.ready_elsewhere() if self._policy.outage else self._queue.ready
        return ready + self._queue.in_flight

    @property
    def slots(self) -> int:
        """Concurrent requests that are allowed now; fewer than configured right after an outage, or while the service
        is slow or requests a wait."""
        return self._limits.slots

    def waits(self, partition: TopicPartition) -> bool:
        """True if an event of this partition is retried later, or follows another of its key."""
        return self._queue.waits(partition)

    @property
    def waits_for(self) -> float:
        """Seconds left of Retry-After, 0 when there is none."""
        return self._policy.wait.left(self._clock.monotonic())

    @property
    def wants_no_more(self) -> bool:
        """True if paused for a reason that holds for every event: the key, TLS. Otherwise the next event may be the one
        that shows that the service works, and only this event is rejected."""
        # With nothing in hand there would be no event to probe with, ever: a rebalance may have taken all of them away.
        reason = self._policy.reason
        return reason is not None and reason.code in HOLDS_FOR_ALL and self.outstanding > 0

    @property
    def failing_for(self) -> float:
        """Seconds since the first of the failures that no acceptance has followed; 0 with no event outstanding, and
        during a long requested wait, which is the reason then."""
        return self._policy.failing_for(self._clock.monotonic()) if self.outstanding else 0.0

    @property
    def probes(self) -> int:
        """The number of probes in the present pause; 0 when there is none."""
        return 0 if self._policy.reason is None else self._policy.probes

    # --- events in, requests out ----------------------------------------------------------------------------------

    def submit(self, event: Event, owner: Owner) -> None:
        """Queue an event; it goes out with the next `pump`."""
        self._queue.add(event, owner)

    def pump(self) -> None:
        """Start as many requests as may be in flight."""
        now = self._clock.monotonic()
        if self._policy.state is State.THROTTLED:
            self._policy.tick(now)
            self._follow_up(now)
        if self._policy.state is not State.CLOSED:
            return
        queue, limits = self._queue, self._limits
        slots, room = limits.slots, limits.room(self._queue.in_flight, now)
        while room > 0 and (send := queue.take(slots)) is not None:
            if send.owner.may_send:
                self._start(send)
                room -= 1
            else:
                queue.completed(send)
                self._abandoned(send)
        wait = limits.rate.wait if limits.rate is not None and queue.ready else 0.0
        if wait and (self._rate_wake is None or self._rate_wake.action is None):
            # Nothing to do then but to wake the loop: the next `pump` sends.
            self._rate_wake = self._deadlines.after(wait, lambda: None)

    def abandon(self) -> None:
        """Abandon every event that isn't in flight and whose owner may not send any more."""
        for send in self._queue.drop():
            send.owner.abandoned(send)

    def report(self, event_types: Mapping[str, str]) -> None:
        """Tell the listener what was counted since the last time; `event_types` is the type of each rule's events."""
        self._tally.report(event_types)

    def _start(self, send: Send) -> None:
        send.attempts += 1
        if self._limits.rate is not None:
            self._limits.rate.started()
        # A used connection may be dead, and libcurl would then repeat the POST by itself: not a retry's or probe's.
        # What was refused with its link follows an answer at once: the connection is alive.
        again = send.attempts > 1 and (send.refused_link is None or bool(send.failures and send.failures.code))
        self._transport.submit(Request(send.event.body, send, again))

    # --- responses ------------------------------------------------------------------------------------------------

    def poll(self, timeout: float) -> None:
        """Drive the transport for at most `timeout` seconds and handle every response."""
        replies = self._transport.poll(timeout)
        if not replies:
            return
        now = self._clock.monotonic()
        self._tally.now = self._clock.now()
        for reply in replies:
            send = reply.request.token
            assert isinstance(send, Send)
            self._queue.completed(send)
            if reply.sent > 1:
                self._repeated(reply.sent - 1)
            if accepts(reply):
                self._accepted(send, ACCEPTED, reply, now)
            else:
                self._answered(send, reply, now)

    def _repeated(self, times: int) -> None:
        """The transport sent a request so many times again, since a used connection was closed before it answered."""
        self._tally.repeated(times)
        rate = self._limits.rate
        if rate is not None:
            for _ in range(times):
                rate.started()

    def _accepted(self, send: Send, verdict: Verdict, reply: Reply, now: float) -> None:
        self._tally.accepted(send, reply)
        if send.refused_link is not None:
            self._links.accepted(send, now)
        self._limits.answered("accepted", reply.seconds, self._queue.in_flight + 1, now)
        decision = self._policy.event_accepted(send is self._probe, now)
        if decision is not None:
            self._apply(decision, now)
        self._settled(send, verdict)

    def _answered(self, send: Send, reply: Reply, now: float) -> None:
        verdict = judge(
            reply,
            now=self._tally.now,
            accepted_before=self.accepted > 0,
            sampled=send.event.sampled,
            same_answer=1 if send.failures is None else send.failures.in_a_row(f"status-{reply.status}"),
        )
        if verdict.action == "accepted":
            self._accepted(send, verdict, reply, now)
            return
        self._tally.answered(verdict.code, reply.seconds)
        probe = send is self._probe and self._policy.state is State.HALF_OPEN
        if not probe:
            # A probe goes out alone.
            kind = kind_of(reply.status, verdict.shared, send.attempts == 1)
            self._limits.answered(kind, reply.seconds, self._queue.in_flight + 1, now)
        if send.failures is None:
            send.failures = Failures()
        link = self._links.may_be_why(send, verdict)
        alone = send.attempts == 1 and not self.outstanding
        attempt = FailedAttempt(verdict, send.event.insert_id, send.failures, probe, link, alone, now, self._tally.now)
        decision = self._policy.answered(attempt)
        self._apply(decision, now)
        if probe or verdict.action == "pause":
            # Nothing was learnt about the link.
            self._links.put_back(send)
        send.owner.failed(send, verdict)
        self._move(send, verdict, decision)

    def _move(self, send: Send, verdict: Verdict, decision: Decision) -> None:
        """Do with the event what was decided."""
        fate = decision.fate
        if decision.row.fate in (Fate.RETRY, Fate.HOLD):
            self._listener.count("event_retries", 1, (code_label(verdict.code),))
        if fate is Fate.GIVE_UP:
            verdict = Verdict("dead_letter", "gave-up", f"{verdict.text}; gave up by configuration")
        if fate in (Fate.SETTLE, Fate.GIVE_UP):
            self._tally.refused(send)
            self._settled(send, verdict)
            return
        if fate in (Fate.RESEND, Fate.PROBE_AGAIN):
            self._links.take_off(send, verdict)
        if not send.owner.may_send:
            self._abandoned(send)
        elif fate in (Fate.RETRY, Fate.HOLD):
            self._queue.later(send)
            if fate is Fate.RETRY:
                self._deadlines.after(decision.delay, lambda: self._again(send))
        else:
            self._queue.again(send)
            if fate is Fate.PROBE_AGAIN:
                self._queue.mark_in_flight(send)
                self._start(send)

    def _again(self, send: Send) -> None:
        if self._policy.outage or not self._queue.due(send):
            return
        if send.owner.may_send:
            self._queue.again(send)
        else:
            self._abandoned(send)

    def _settled(self, send: Send, verdict: Verdict) -> None:
        # The next of its key doesn't wait for the dead letter: that is written once all events of the message are
        # settled, and the next may be one of them.
        if self._by_key:
            self._queue.done(send)
        send.owner.settled(send, verdict)

    def _abandoned(self, send: Send) -> None:
        self._queue.done(send)
        send.owner.abandoned(send)

    # --- what the policy decides ----------------------------------------------------------------------------------

    def _apply(self, decision: Decision, now: float) -> None:
        if decision.release:
            self._queue.all_due()
        if decision.slow_start:
            self._limits.slow_start()
        self._follow_up(now)

    def _follow_up(self, now: float) -> None:
        """Report the policy's notices, and wake up when it next depends on the time."""
        for name, facts in self._policy.take_notices():
            self._listener.notice(name, **facts)
        wakes_at, wake = self._policy.wakes_at(now), self._policy_wake
        if wake is not None and wake.at != wakes_at:
            wake.cancel()
        if wakes_at < inf and (wake is None or wake.action is None or wake.at != wakes_at):
            self._policy_wake = self._deadlines.at(wakes_at, self._tick)

    def _tick(self) -> None:
        now = self._clock.monotonic()
        self._policy.tick(now)
        if self._policy.probe_due(now):
            self._before_probe()
            self.abandon()
            held, probed = self._policy.holding, self._policy.probed_rules
            send = None if self._policy.wait.before_probe(now) else self._queue.probe(held, probed)
            self._policy.probe(None if send is None else send.event.rule, now)
            if send is not None:
                self._probe = send
                self._queue.mark_in_flight(send)
                send.attempts = max(send.attempts, 1)
                self._start(send)
        self._follow_up(now)

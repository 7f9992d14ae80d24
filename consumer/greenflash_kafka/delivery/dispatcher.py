"""The dispatcher of events: concurrency, the reaction to each response, and pauses of the whole delivery."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Literal

import msgspec

from greenflash_kafka.deadlines import Deadline, Deadlines
from greenflash_kafka.delivery.adaptive_limit import Kind
from greenflash_kafka.delivery.circuit_breaker import HOLDS_FOR_ALL, CircuitBreaker
from greenflash_kafka.delivery.failure_streak import FailureStreak
from greenflash_kafka.delivery.link_fallback import LinkFallback
from greenflash_kafka.delivery.rate_limiter import RateLimiter
from greenflash_kafka.delivery.requested_wait import RequestedWait, asks_for_long
from greenflash_kafka.delivery.response_table import ACCEPTED, Verdict, accepts, judge
from greenflash_kafka.delivery.retry_policy import wait as next_try
from greenflash_kafka.delivery.send import Owner, Send
from greenflash_kafka.delivery.send_queue import SendQueue
from greenflash_kafka.delivery.tally import Tally, code_label
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import Clock, Listener, Reply, Request, TopicPartition, Transport

SUSPICIOUS_ANSWERS = 20
"""After so many consecutive responses that are neither success nor rejection, the address isn't the service's."""

FAILING_SECONDS = 60.0
"""Seconds with failures only and no acceptance, after which log and health report it."""


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
    """Keeps up to `in_flight` requests going and handles every response.

    running: events are sent as they come. waiting: a wait of the service (429, Retry-After) applies to this API key;
    nothing is sent. paused: the service rejects every event (key, base URL, not Greenflash at all): only probes are
    sent, nothing is lost, nothing becomes a dead letter. An outage (consecutive failures of different events) pauses
    too, as a wait of more than an hour does; after it sending begins with few requests at once (slow start).
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
        self._random = random
        self._listener = listener
        self._settings = settings
        self._by_key = settings.order == "key"
        self._queue = SendQueue(self._by_key)
        self._rated = settings.max_events_per_second is not None
        self._limiter = RateLimiter(clock, settings.in_flight, settings.max_events_per_second, settings.adaptive)
        self._streak = FailureStreak()
        self._tally = Tally(listener)
        self._links = LinkFallback(clock, listener)
        self._wait = RequestedWait(clock, deadlines, listener)
        self._breaker = CircuitBreaker(
            self._queue,
            deadlines,
            listener,
            before=before_probe,
            drop=self.abandon,
            waits_for=lambda: self._wait.before_probe,
            start=self._start,
        )
        self._in_flight = 0
        self._rate_wake: Deadline | None = None
        self._failing_since: float | None = None
        self._told_failing = False
        self._since_accepted = 0
        self.accepted = 0
        """Events accepted since the start."""

    @property
    def pause_reason(self) -> Verdict | None:
        """The reason why nothing is sent; None while events are sent."""
        return self._breaker.reason

    @property
    def outage(self) -> bool:
        """True if the reason of the pause is an outage, which ends by itself: nobody has to correct anything here."""
        return self._breaker.outage

    @property
    def in_flight(self) -> int:
        """Requests without a response yet."""
        return self._in_flight

    @property
    def outstanding(self) -> int:
        """Events neither settled nor abandoned: queued, in flight, or waiting for their next try."""
        return self._queue.ready + self._in_flight + self._queue.waiting

    @property
    def going_out(self) -> int:
        """Events in flight or ready: without those that are retried later or follow another of their key."""
        if self._breaker.outage:
            # What is ready behind failures isn't what the next message would wait for: it may be the one that passes.
            return self._queue.ready_elsewhere() + self._in_flight
        return self._queue.ready + self._in_flight

    @property
    def slots(self) -> int:
        """Concurrent requests that are allowed now; fewer than configured right after an outage, or while the service
        is slow or requests a wait."""
        return self._limiter.slots

    def waits(self, partition: TopicPartition) -> bool:
        """True if an event of this partition is retried later, or follows another of its key."""
        return self._queue.waits(partition)

    @property
    def waits_for(self) -> float:
        """Seconds left of Retry-After, 0 when there is none."""
        return self._wait.left

    @property
    def wants_no_more(self) -> bool:
        """True if paused for a reason that holds for every event: the key, TLS. Otherwise the next event may be the one
        that shows that the service works, and only this event is rejected."""
        # With nothing in hand there would be no event to probe with, ever: a rebalance may have taken all of them away.
        reason = self._breaker.reason
        return reason is not None and reason.code in HOLDS_FOR_ALL and self.outstanding > 0

    @property
    def failing_for(self) -> float:
        """Seconds since the first of the failures that no acceptance has followed; 0 with no event outstanding, and
        during a long requested wait, which is the reason then."""
        if self._failing_since is None or not self.outstanding or self._wait.probed:
            return 0.0
        return self._clock.monotonic() - self._failing_since

    @property
    def probes(self) -> int:
        """The number of probes in the present pause; 0 when there is none."""
        return 0 if self._breaker.reason is None else self._breaker.probes

    def submit(self, event: Event, owner: Owner) -> None:
        """Queue an event; it goes out with the next `pump`."""
        self._queue.add(event, owner)

    def pump(self) -> None:
        """Start as many requests as may be in flight."""
        if self._breaker.reason is not None:
            return
        if self._wait.until:
            if self._wait.left:
                return
            self._wait.over()
        queue, slots, room = self._queue, self._limiter.slots, self._limiter.room(self._in_flight)
        while room > 0 and (send := queue.take(slots)) is not None:
            if send.owner.may_send:
                self._start(send)
                room -= 1
            else:
                queue.completed(send)
                self._abandoned(send)
        if queue.ready and (wait := self._limiter.wait):
            self._wake_for_rate(wait)

    def _wake_for_rate(self, seconds: float) -> None:
        # Nothing to do then but to wake the loop: the next `pump` sends.
        if self._rate_wake is None or self._rate_wake.action is None:
            self._rate_wake = self._deadlines.after(seconds, lambda: None)

    def poll(self, timeout: float) -> None:
        """Drive the transport for at most `timeout` seconds and handle every response."""
        replies = self._transport.poll(timeout)
        if not replies:
            return
        now, tally = self._clock.monotonic(), self._tally
        tally.now = self._clock.now()
        for reply in replies:
            send = reply.request.token
            assert isinstance(send, Send)
            self._in_flight -= 1
            self._queue.completed(send)
            if accepts(reply):
                tally.accepted(send, reply)
                self._accepted(send, ACCEPTED, reply.seconds, now)
            else:
                self._answered(send, reply, now)

    def report(self, event_types: Mapping[str, str]) -> None:
        """Tell the listener what was counted since the last time; `event_types` is the type of each rule's events."""
        self._tally.report(event_types)

    def abandon(self) -> None:
        """Abandon every event that isn't in flight and whose owner may not send any more."""
        for send in self._queue.drop():
            send.owner.abandoned(send)

    def _abandoned(self, send: Send) -> None:
        self._queue.done(send)
        send.owner.abandoned(send)

    def _settled(self, send: Send, verdict: Verdict) -> None:
        # The next of its key doesn't wait for the dead letter: that is written once all events of the message are
        # settled, and the next may be one of them.
        if self._by_key:
            self._queue.done(send)
        send.owner.settled(send, verdict)

    def _start(self, send: Send) -> None:
        send.attempts += 1
        self._in_flight += 1
        if self._rated:
            self._limiter.started()
        # A used connection may be dead, and libcurl would then repeat the POST by itself: not a retry's or probe's.
        # What was refused with its link follows an answer at once: the connection is alive.
        again = send.attempts > 1 and (send.refused_link is None or bool(send.last_code))
        self._transport.submit(Request(send.event.body, send, again))

    def _accepted(self, send: Send, verdict: Verdict, seconds: float, now: float) -> None:
        self.accepted += 1
        self._since_accepted = 0
        if send.refused_link is not None:
            self._links.accepted(send)
        self._limiter.answered("accepted", seconds, self._in_flight + 1, now)
        if self._failing_since is not None:
            # Where nothing failed there is no row of failures either.
            self._streak.reset()
            self._works_again()
        if self._breaker.reason is not None and (send is self._breaker.probe or not self._wait.probed):
            # What was in flight when so long a wait was asked for says nothing about it.
            self._resume()
        self._settled(send, verdict)

    def _answered(self, send: Send, reply: Reply, now: float) -> None:
        verdict = judge(
            reply,
            now=self._clock.now(),
            accepted_before=self.accepted > 0,
            sampled=send.event.sampled,
            same_answer=send.same_answers + 1 if send.last_code and send.last_code == f"status-{reply.status}" else 1,
        )
        if verdict.action == "accepted":
            self._tally.accepted(send, reply)
            self._accepted(send, verdict, reply.seconds, now)
            return
        self._tally.answered(verdict.code, reply.seconds)
        if send is not self._breaker.probe:
            # A probe goes out alone, and a 503 to an event that has failed before may be about the event.
            asked = verdict.shared or reply.status == 429
            kind: Kind = "asked" if asked else "busy" if reply.status == 503 and send.attempts == 1 else "other"
            self._limiter.answered(kind, reply.seconds, self._in_flight + 1, now)
        self._not_accepted(send, verdict)

    def _not_accepted(self, send: Send, verdict: Verdict) -> None:
        self._since_accepted += 1
        if self._links.may_be_why(send, verdict) and self._without_link(send, verdict):
            return
        if verdict.action == "pause" or send is self._breaker.probe:
            self._links.put_back(send)
        if verdict.action != "dead_letter":
            self._note_failure(send, verdict)
        send.same_answers = send.same_answers + 1 if verdict.code == send.last_code else 1
        send.last_code = verdict.code
        send.owner.failed(send, verdict)
        was_probe = send is self._breaker.probe
        action = verdict.action
        long = asks_for_long(verdict)
        if action == "retry" and verdict.suspicious and self._since_accepted >= SUSPICIOUS_ANSWERS and not long:
            action = "pause"
        if action == "pause" and not was_probe and self._refused_alone(send):
            action = "retry"
        if action == "dead_letter":
            self._streak.reset()
            if was_probe:
                self._resume()
            self._tally.refused(send)
            self._settled(send, verdict)
        elif (self._is_outage(send, verdict) or long) and action == "retry" and not was_probe:
            self._sit_out(send, verdict)
        elif action == "pause" or was_probe:
            if was_probe:
                self._wait.probe_answered(verdict.retry_after if verdict.shared else None, verdict.code)
            self._put_back(send)
            reason = self._breaker.reason
            self._breaker.open(verdict if action == "pause" or reason is None else reason, was_probe)
        else:
            self._retry(send, verdict)

    def _without_link(self, send: Send, verdict: Verdict) -> bool:
        """Send a refused event at once without its link; False if something else is to be done about the answer."""
        if verdict.action == "dead_letter":
            # As for every event that is refused for good, the service works.
            self._streak.reset()
            if send is self._breaker.probe:
                self._resume()
        elif send is not self._breaker.probe or not send.owner.may_send:
            # Before the first acceptance it may be a wrong address: only the probe finds out.
            return False
        send.owner.failed(send, verdict)
        self._links.take_off(send, verdict)
        if not send.owner.may_send:
            self._abandoned(send)
            return True
        self._queue.again(send)
        if send is self._breaker.probe:
            self._queue.mark_in_flight(send)
            self._start(send)
        return True

    def _is_outage(self, send: Send, verdict: Verdict) -> bool:
        # What was in flight when it began is sent again after it, not on a clock of its own.
        return self._streak.failed(send, verdict, self.accepted, self._clock.monotonic()) or self._breaker.outage

    def _sit_out(self, send: Send, verdict: Verdict) -> None:
        self._listener.count("event_retries", 1, (code_label(verdict.code),))
        if verdict.shared and verdict.retry_after:
            self._wait.ask(verdict.retry_after, verdict.code)
        if send.owner.may_send:
            self._queue.later(send)
        else:
            self._abandoned(send)
        self._breaker.hold(verdict)

    def _put_back(self, send: Send) -> None:
        send.accepted_at_pause = self.accepted
        if send.owner.may_send:
            (self._queue.later if self._breaker.outage else self._queue.again)(send)
        else:
            self._abandoned(send)

    def _refused_alone(self, send: Send) -> bool:
        """True if others were accepted since this event's response last paused the delivery: then only this event
        waits."""
        return 0 <= send.accepted_at_pause < self.accepted

    def _retry(self, send: Send, verdict: Verdict) -> None:
        self._listener.count("event_retries", 1, (code_label(verdict.code),))
        wait = next_try(send.same_answers, verdict.retry_after, self._random.random)
        if verdict.shared:
            self._wait.ask(verdict.retry_after or wait, verdict.code)
        if self._gives_up(send):
            self._tally.refused(send)
            self._settled(send, Verdict("dead_letter", "gave-up", f"{verdict.text}; gave up by configuration"))
            return
        if not send.owner.may_send:
            self._abandoned(send)
            return
        self._queue.later(send)
        self._deadlines.after(wait, lambda: self._again(send))

    def _gives_up(self, send: Send) -> bool:
        """True if this event has failed for too long while others succeeded; off unless configured."""
        limit = self._settings.give_up_after
        if limit is None:
            return False
        if not send.failing_since:
            send.failing_since, send.accepted_then = self._clock.monotonic(), self.accepted
            return False
        return self._clock.monotonic() - send.failing_since > limit and self.accepted > send.accepted_then

    def _again(self, send: Send) -> None:
        if self._breaker.outage or not self._queue.due(send):
            return
        if send.owner.may_send:
            self._queue.again(send)
        else:
            self._abandoned(send)

    def _resume(self) -> None:
        self._since_accepted = 0
        self._streak.reset()
        if self._wait.probed:
            self._wait.over()
        if self._breaker.close():
            self._limiter.slow_start()

    # --- what the log and health are told ------------------------------------------------------------------------

    def _note_failure(self, send: Send, verdict: Verdict) -> None:
        now = self._clock.monotonic()
        if self._failing_since is None or (send.attempts == 1 and not self.outstanding):
            self._failing_since = now
        seconds = now - self._failing_since
        if not self._told_failing and seconds >= FAILING_SECONDS and not self._wait.probed:
            self._told_failing = True
            self._listener.notice("delivery_failing", code=verdict.code, text=verdict.text, seconds=round(seconds))

    def _works_again(self) -> None:
        self._failing_since = None
        if self._told_failing:
            self._told_failing = False
            self._listener.notice("delivery_working")

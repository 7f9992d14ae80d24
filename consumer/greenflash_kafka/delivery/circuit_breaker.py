"""The pause of the whole delivery: its reason, and the probes that end it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from greenflash_kafka.deadlines import Deadline, Deadlines
from greenflash_kafka.delivery.requested_wait import asks_for_long, until_probe
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.delivery.send import Send
from greenflash_kafka.delivery.send_queue import SendQueue
from greenflash_kafka.ports import Listener

PROBE_AFTER: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until the first, second, ... probe of a paused delivery; the last value repeats."""

HOLDS_FOR_ALL: Final = frozenset({"status-401", "status-403", "tls"})
"""Reasons that hold for every event."""

NOTICE_SECONDS: Final = 60.0
"""Seconds between two notices about pauses of one kind: a service that fails and recovers each second must not fill the
log."""


class CircuitBreaker:
    """While there is a `reason` only probes are sent: one event now and then. Events that failed in an outage wait
    here, too.

    `start` sends a probe, after `before` and `drop` (which lets go of what may not be sent any more); `waits_for` gives
    the seconds for which even a probe may not go out.
    """

    def __init__(
        self,
        queue: SendQueue,
        deadlines: Deadlines,
        listener: Listener,
        *,
        before: Callable[[], None],
        drop: Callable[[], None],
        waits_for: Callable[[], float],
        start: Callable[[Send], None],
    ) -> None:
        self._queue = queue
        self._deadlines = deadlines
        self._listener = listener
        self._before = before
        self._drop = drop
        self._waits_for = waits_for
        self._start = start
        self._due: Deadline | None = None
        self._probed_rules: set[str] = set()
        self._holding = False
        self._kind = ""
        self._reported: set[str] = set()
        self._suppressed: dict[str, int] = {}
        self.reason: Verdict | None = None
        """The reason why nothing is sent; None while events are sent."""
        self.outage = False
        """True if it is an outage, which ends by itself: nobody has to correct anything here."""
        self.probe: Send | None = None
        """The event in flight as a probe."""
        self.probes = 0
        """The number of probes in the latest pause."""

    def open(self, verdict: Verdict, was_probe: bool) -> None:
        """Send nothing, for this reason; continue the pause if the response is a probe's."""
        before = self.reason
        began = before is None
        if verdict.action == "pause" or verdict.suspicious:
            self.outage = False
        self.reason = verdict
        if verdict is not before:
            self._kind = "wait" if asks_for_long(verdict) else "outage" if self.outage else verdict.code
            self._report_once(began)
        if began:
            self.probes = 0
        if began or was_probe:
            self.probe = None
            wait = PROBE_AFTER[min(self.probes, len(PROBE_AFTER) - 1)]
            # Of a reason that stays the time was asked for long ago; what holds for all of us `waits_for` knows.
            asked = verdict.retry_after if verdict is not before else None
            self._probe_after(max(wait, until_probe(asked or 0.0)))

    def hold(self, verdict: Verdict) -> None:
        """Let an event wait for the end of an outage or of a long wait; this begins a pause if there is none."""
        self._holding = True
        if self.reason is None:
            self.outage = not asks_for_long(verdict)
            self.open(verdict, False)

    def close(self) -> bool:
        """End the pause and release the events that waited; True if they are so many that a slow start is needed."""
        reason, self.reason, self.probe = self.reason, None, None
        many, self.outage = self.outage or self._kind == "wait", False
        reported, self._reported, self._kind = self._reported, set(), ""
        self._probed_rules.clear()
        if self._holding:
            self._holding = False
            self._queue.all_due()
        if reason is not None and reported:
            self._listener.notice("delivery_resumed", code=reason.code)
        return many

    def _report_once(self, began: bool) -> None:
        if self._kind == "wait" or self._kind in self._reported:
            return  # The wait is told of by itself.
        if self._kind not in self._suppressed:
            self._report()
        elif began:
            self._suppressed[self._kind] += 1

    def _report(self, **more: int) -> None:
        assert self.reason is not None
        self._reported.add(self._kind)
        self._listener.notice("delivery_paused", code=self.reason.code, text=self.reason.text, **more)
        self._suppress(self._kind)

    def _suppress(self, kind: str) -> None:
        self._suppressed[kind] = 0
        self._deadlines.after(NOTICE_SECONDS, lambda: self._report_suppressed(kind))

    def _report_suppressed(self, kind: str) -> None:
        pauses = self._suppressed.pop(kind)
        if self._kind == kind and kind not in self._reported:
            self._report(pauses=pauses)
        elif pauses:
            self._listener.notice("delivery_unsteady", code=kind, pauses=pauses, seconds=round(NOTICE_SECONDS))
            self._suppress(kind)

    def _probe_after(self, seconds: float) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = self._deadlines.after(seconds, self._send_probe)

    def _send_probe(self) -> None:
        if self.reason is None or self.probe is not None:
            return
        self._before()
        self._drop()
        # What sat out an outage still waits if the pause has another reason by now, such as the key.
        retried = self.outage or self._holding
        waits = self._waits_for()
        if waits or not (self._queue.ready or retried):
            self._probe_after(max(PROBE_AFTER[0], waits))
            return
        # In turns, rule by rule and partition by partition: what caused the pause may be the only thing refused.
        send = min(self._queue.probes(retried), key=self._probed_before, default=None)
        if send is None:
            self._probe_after(PROBE_AFTER[0])
            return
        self._queue.mark_in_flight(send)
        self._probed_rules.add(send.event.rule)
        self.probes += 1
        self.probe = send
        send.attempts = max(send.attempts, 1)
        self._start(send)

    def _probed_before(self, send: Send) -> tuple[bool, bool, int]:
        return send.event.rule in self._probed_rules, self._queue.waits(send.owner.partition), send.attempts

"""Policy of the delivery: may events be sent now, and what becomes of one that was answered without an acceptance.

A pure state machine. It does no I/O, reads no clock (monotonic seconds are arguments) and draws no random numbers
(`jitter` is given). The dispatcher asks it, and applies its decisions.

States (`SENT`): closed, throttled, open, half-open. Inputs (`Input`): a response, or the time. `TABLE` has one row for
each input in each state, and `RULES` say what holds for all rows. Both are on the page docs/delivery.md.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from math import inf
from typing import Final

import msgspec

from greenflash_kafka.delivery.failures import Failures, FailureStreak
from greenflash_kafka.delivery.pause_notices import Notice, PauseNotices
from greenflash_kafka.delivery.requested_wait import RequestedWait, asks_for_long, until_probe
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.delivery.retry_delay import delay

SUSPICIOUS_ANSWERS: Final = 20
"""After so many consecutive responses that are neither success nor rejection, the address isn't the service's."""

FAILING_SECONDS: Final = 60.0
"""Seconds with failures only and no acceptance, after which log and health report it."""

PROBE_AFTER: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds until the first, second, ... probe of a paused delivery; the last value repeats."""

HOLDS_FOR_ALL: Final = frozenset({"status-401", "status-403", "tls"})
"""Reasons that hold for every event."""


class State(StrEnum):
    """State of the delivery."""

    CLOSED = "closed"
    THROTTLED = "throttled"
    OPEN = "open"
    HALF_OPEN = "half-open"


SENT: Final = {
    State.CLOSED: "events, as they come",
    State.THROTTLED: "nothing until the requested wait (429, `Retry-After`) is over",
    State.OPEN: "nothing until the next probe: every event would be rejected or fail, or the wait is of hours",
    State.HALF_OPEN: "nothing: one event, the probe, is in flight",
}

RULES: Final = (
    "While half-open, a response to another event than the probe counts as in the state open.",
    "A row that leads to closed leads to throttled while a requested wait of up to an hour runs.",
    "The end of a pause makes ready what waited for it, and ends a wait of more than an hour. After an outage or such "
    "a wait few requests are sent at once (slow start).",
    "An event that is to be retried is given up instead once `delivery.give_up_after` is over, if others were accepted "
    "meanwhile.",
    "An event that is put back during an outage waits for its end.",
    "An event is rejected alone, and only retried, if others were accepted since it last paused the delivery.",
)


class Input(StrEnum):
    """A response or a moment, as the table distinguishes them."""

    ACCEPTED = "an event is accepted"
    ACCEPTED_BEFORE = "an event is accepted that was sent before a wait of more than an hour was requested"
    REFUSED = "an event is refused for good"
    LINK_REFUSED = "an event that links to a conversation is refused"
    LINK_DOUBTED = "an event that links to a conversation is refused, before anything was accepted"
    REJECTED = "every event would be rejected: key, TLS, address, or 20 responses that aren't the service's"
    ASKED_LONG = "the service requests a wait of more than an hour"
    OUTAGE = "the tenth failure in a row of at least five events, or any failure while an outage lasts"
    ASKED = "the service requests a wait (429, `Retry-After`)"
    FAILED = "another failure, such as a 503 or a timeout of one event"
    WAIT_OVER = "the requested wait is over"
    PROBE_DUE = "the time of the next probe has come"
    NO_PROBE = "the time of the next probe has come, with no event to send or a wait that still runs"


class Fate(StrEnum):
    """What becomes of the event that was answered, or of the probe."""

    NONE = "none"
    SETTLE = "settled"
    RETRY = "retried after its own delay"
    HOLD = "waits until the delivery is closed"
    PUT_BACK = "ready again, and waits for its turn"
    RESEND = "sent again without its link"
    PROBE = "sent as the probe"
    PROBE_AGAIN = "sent again without its link, as the probe"
    GIVE_UP = "given up"


class Wish(StrEnum):
    """What becomes of the wait that the response requests."""

    IGNORE = ""
    LONGEST = "the longest request counts"
    REPLACE = "replaces the earlier wait"


class Row(msgspec.Struct, frozen=True):
    """A transition. `to`: the next state, None if it stays. `new_reason`: this response is the reason of the pause from
    now on."""

    name: str
    states: tuple[State, ...]
    inputs: tuple[Input, ...]
    to: State | None
    fate: Fate = Fate.NONE
    new_reason: bool = False
    wish: Wish = Wish.IGNORE


_CLOSED, _THROTTLED, _OPEN, _HALF_OPEN = State
_SENDING = (_CLOSED, _THROTTLED)
_UNPROBED = (_CLOSED, _THROTTLED, _OPEN)

TABLE: Final = (
    Row("accepted", _SENDING, (Input.ACCEPTED,), None, Fate.SETTLE),
    Row("refused", _UNPROBED, (Input.REFUSED,), None, Fate.SETTLE),
    Row("refused_with_its_link", _UNPROBED, (Input.LINK_REFUSED,), None, Fate.RESEND),
    Row("failed", _UNPROBED, (Input.FAILED,), None, Fate.RETRY),
    Row("asks_for_time", (_CLOSED,), (Input.ASKED,), _THROTTLED, Fate.RETRY, wish=Wish.LONGEST),
    Row("asks_for_time_again", (_THROTTLED, _OPEN), (Input.ASKED,), None, Fate.RETRY, wish=Wish.LONGEST),
    Row("wait_is_over", (_THROTTLED,), (Input.WAIT_OVER,), _CLOSED),
    Row("asks_for_hours", _SENDING, (Input.ASKED_LONG,), _OPEN, Fate.HOLD, True, Wish.LONGEST),
    Row("outage_begins", _SENDING, (Input.OUTAGE,), _OPEN, Fate.HOLD, True, Wish.LONGEST),
    Row("rejects_all", _SENDING, (Input.REJECTED,), _OPEN, Fate.PUT_BACK, True),
    Row("asks_for_hours_while_open", (_OPEN,), (Input.ASKED_LONG,), None, Fate.HOLD, wish=Wish.LONGEST),
    Row("outage_goes_on", (_OPEN,), (Input.OUTAGE,), None, Fate.HOLD, wish=Wish.LONGEST),
    Row("rejects_all_while_open", (_OPEN,), (Input.REJECTED,), None, Fate.PUT_BACK, True),
    Row("accepted_while_open", (_OPEN,), (Input.ACCEPTED,), _CLOSED, Fate.SETTLE),
    Row("accepted_from_before_the_wait", (_OPEN,), (Input.ACCEPTED_BEFORE,), None, Fate.SETTLE),
    Row("probe_goes_out", (_OPEN,), (Input.PROBE_DUE,), _HALF_OPEN, Fate.PROBE),
    Row("probe_has_to_wait", (_OPEN,), (Input.NO_PROBE,), None),
    Row("probe_is_accepted", (_HALF_OPEN,), (Input.ACCEPTED,), _CLOSED, Fate.SETTLE),
    Row("probe_is_refused", (_HALF_OPEN,), (Input.REFUSED,), _CLOSED, Fate.SETTLE),
    Row("probe_is_refused_with_its_link", (_HALF_OPEN,), (Input.LINK_REFUSED,), _CLOSED, Fate.RESEND),
    Row("first_probe_is_refused_with_its_link", (_HALF_OPEN,), (Input.LINK_DOUBTED,), None, Fate.PROBE_AGAIN),
    Row("probe_fails", (_HALF_OPEN,), (Input.FAILED, Input.OUTAGE), _OPEN, Fate.PUT_BACK, wish=Wish.REPLACE),
    Row("probe_asks_for_time", (_HALF_OPEN,), (Input.ASKED, Input.ASKED_LONG), _OPEN, Fate.PUT_BACK, wish=Wish.REPLACE),
    Row("probe_is_rejected", (_HALF_OPEN,), (Input.REJECTED,), _OPEN, Fate.PUT_BACK, True, Wish.REPLACE),
)
"""The transitions. Nothing else changes the state."""

_ROWS: Final = {(state, given): row for row in TABLE for state in row.states for given in row.inputs}


class FailedAttempt(msgspec.Struct):
    """A response that isn't an acceptance.

    `probe`: the event was sent as the probe. `link`: it may have been refused because of its link, which can be left
    out. `alone`: it was the event's first try, with no other event outstanding. `now`: monotonic seconds. `wall`:
    seconds since 1970.
    """

    verdict: Verdict
    event_id: str
    failures: Failures
    probe: bool
    link: bool
    alone: bool
    now: float
    wall: float


class Decision(msgspec.Struct):
    """What the dispatcher has to do. `fate`: the row's, or what it comes to for this event. `delay`: seconds, if the
    event is retried. `release`: what waited for the end of the pause is ready now. `slow_start`: begin with few
    requests."""

    row: Row
    fate: Fate
    delay: float = 0.0
    release: bool = False
    slow_start: bool = False


class Policy:
    """The state machine. `jitter` gives numbers from 0 to 1; `give_up_after` seconds, None for never."""

    def __init__(self, jitter: Callable[[], float], give_up_after: float | None = None) -> None:
        self._jitter = jitter
        self._give_up_after = give_up_after
        self._streak = FailureStreak()
        self._pauses = PauseNotices()
        self._notices: list[Notice] = []
        self._probe_at = inf
        self._failing_since: float | None = None
        self._failing_reported = False
        self._since_accepted = 0
        self.state = State.CLOSED
        self.wait = RequestedWait()
        self.reason: Verdict | None = None
        """The reason why the state is open or half-open."""
        self.cause = ""
        """Kind of that reason: `outage`, `wait` (of more than an hour), or the verdict's code; "" while there is none.
        """
        self.holding = False
        """True if events wait for the end of the pause."""
        self.probes = 0
        """The number of probes in the latest pause."""
        self.probed_rules: set[str] = set()
        """The rules whose events were probes in this pause."""
        self.accepted = 0
        """Events accepted since the start."""

    # --- questions ------------------------------------------------------------------------------------------------

    @property
    def outage(self) -> bool:
        """True if the reason of the pause is an outage, which ends by itself: nobody has to correct anything here."""
        return self.cause == "outage"

    def failing_for(self, now: float) -> float:
        """Seconds since the first of the failures that no acceptance has followed; 0 without any, and during a
        requested wait of more than an hour, which is the reason then."""
        return 0.0 if self._failing_since is None or self.wait.probed else now - self._failing_since

    def wakes_at(self, now: float) -> float:
        """The next moment that changes something by itself; infinite if there is none."""
        own = {_OPEN: self._probe_at, _THROTTLED: self.wait.until}.get(self.state, inf)
        return min((at for at in (own, *self._pauses.due) if at > now), default=inf)

    def probe_due(self, now: float) -> bool:
        """True if it is time for a probe: call `probe` with the event that there is."""
        return self.state is _OPEN and self._probe_at <= now

    # --- inputs ---------------------------------------------------------------------------------------------------

    def event_accepted(self, probe: bool, now: float) -> Decision | None:
        """An event was accepted. None if nothing follows from it, as from nearly all."""
        self.accepted += 1
        self._since_accepted = 0
        if self._failing_since is None and self.reason is None:
            return None
        if self._failing_since is not None:
            self._streak.reset()
            self._failing_since = None
            if self._failing_reported:
                self._failing_reported = False
                self._say(("delivery_working", {}))
        probe = probe and self.state is _HALF_OPEN
        before = self.reason is not None and not probe and self.wait.probed
        return self._follow(self._row(probe, Input.ACCEPTED_BEFORE if before else Input.ACCEPTED), now)

    def answered(self, attempt: FailedAttempt) -> Decision:
        """An event was answered, but not accepted."""
        verdict, failures, now = attempt.verdict, attempt.failures, attempt.now
        row = self._row(attempt.probe, self._input(attempt))
        decision = Decision(row, row.fate)
        if row.fate is Fate.RETRY:
            decision.delay = delay(failures.same, verdict.retry_after, self._jitter)
            if self._gives_up(failures, now):
                decision.fate = Fate.GIVE_UP
        elif row.fate is Fate.PUT_BACK:
            failures.accepted_at_pause = self.accepted
            if self.outage:
                decision.fate = Fate.HOLD
        elif row.fate is Fate.HOLD:
            self.holding = True
        self._take_wish(row, attempt, decision.delay)
        if row.new_reason or row.to is _OPEN:
            self._open(row, verdict, now)
        return self._follow(row, now, decision)

    def probe(self, rule: str | None, now: float) -> Decision:
        """The time of a probe has come, and an event of this rule is sent as it; None: there is none to send."""
        if rule is None:
            self._probe_at = now + max(PROBE_AFTER[0], self.wait.before_probe(now))
            return self._follow(self._row(False, Input.NO_PROBE), now)
        self.probed_rules.add(rule)
        self.probes += 1
        return self._follow(self._row(False, Input.PROBE_DUE), now)

    def tick(self, now: float) -> Decision | None:
        """Time has passed: notices that were left out may be due, and the requested wait may be over."""
        self._notices += self._pauses.tick(now)
        if self.state is not _THROTTLED or self.wait.left(now):
            return None
        self._say(self.wait.end(now))
        return self._follow(self._row(False, Input.WAIT_OVER), now)

    def take_notices(self) -> list[Notice]:
        """What is to be reported, once."""
        notices, self._notices = self._notices, []
        return notices

    # --- from an input to its row ---------------------------------------------------------------------------------

    def _row(self, probe: bool, given: Input) -> Row:
        return _ROWS[_OPEN if self.state is _HALF_OPEN and not probe else self.state, given]

    def _input(self, attempt: FailedAttempt) -> Input:
        verdict, failures = attempt.verdict, attempt.failures
        self._since_accepted += 1
        if verdict.action == "dead_letter":
            # The service works.
            self._streak.reset()
            return Input.LINK_REFUSED if attempt.link else Input.REFUSED
        if attempt.link and attempt.probe:
            return Input.LINK_DOUBTED
        self._note_failure(attempt)
        failures.note(verdict.code)
        in_a_row = self._streak.failed(attempt.event_id, failures, verdict.code, self.accepted, attempt.now)
        if self._rejects_all(attempt):
            return Input.REJECTED
        if asks_for_long(verdict):
            return Input.ASKED_LONG
        # What was in flight when the outage began is sent again after it, not after a delay of its own.
        if in_a_row or self.outage:
            return Input.OUTAGE
        return Input.ASKED if verdict.shared else Input.FAILED

    def _rejects_all(self, attempt: FailedAttempt) -> bool:
        verdict = attempt.verdict
        strange = verdict.suspicious and self._since_accepted >= SUSPICIOUS_ANSWERS and not asks_for_long(verdict)
        if verdict.action != "pause" and not strange:
            return False
        # If others were accepted since this event's response last paused the delivery, it is rejected alone.
        return attempt.probe or not 0 <= attempt.failures.accepted_at_pause < self.accepted

    def _gives_up(self, failures: Failures, now: float) -> bool:
        if self._give_up_after is None:
            return False
        if failures.accepted_at_retry < 0:
            failures.retried_since, failures.accepted_at_retry = now, self.accepted
            return False
        return now - failures.retried_since > self._give_up_after and self.accepted > failures.accepted_at_retry

    def _note_failure(self, attempt: FailedAttempt) -> None:
        if self._failing_since is None or attempt.alone:
            self._failing_since = attempt.now
        seconds = attempt.now - self._failing_since
        if not self._failing_reported and seconds >= FAILING_SECONDS and not self.wait.probed:
            self._failing_reported = True
            facts = {"code": attempt.verdict.code, "text": attempt.verdict.text, "seconds": round(seconds)}
            self._say(("delivery_failing", facts))

    # --- from a row to the next state -----------------------------------------------------------------------------

    def _follow(self, row: Row, now: float, decision: Decision | None = None) -> Decision:
        decision = decision or Decision(row, row.fate)
        if row.to is _CLOSED and self.reason is not None:
            self._close(decision, now)
        if row.to is not None:
            self.state = row.to
        if self.state is _CLOSED and self.wait.until:
            self.state = _THROTTLED
        return decision

    def _take_wish(self, row: Row, attempt: FailedAttempt, retry_delay: float) -> None:
        verdict, now, wall = attempt.verdict, attempt.now, attempt.wall
        if row.wish is Wish.REPLACE:
            self._say(self.wait.replace(verdict.retry_after if verdict.shared else None, verdict.code, now, wall))
        elif row.wish is Wish.LONGEST and verdict.shared and (verdict.retry_after or row.fate is Fate.RETRY):
            # A 429 without a time holds all for as long as this event waits.
            self._say(self.wait.extend(verdict.retry_after or retry_delay, verdict.code, now, wall))

    def _open(self, row: Row, verdict: Verdict, now: float) -> None:
        began = self.state in _SENDING
        if began:
            self.probes = 0
        if row.new_reason:
            self.reason = verdict
            long, outage = asks_for_long(verdict), Input.OUTAGE in row.inputs
            self.cause = "wait" if long else "outage" if outage else verdict.code
            if not long:
                # A wait has notices of its own.
                self._say(self._pauses.paused(self.cause, verdict, began, now))
        if row.to is _OPEN:
            # Of a reason that stays the wait was requested long ago; what holds for all `before_probe` knows.
            asked = verdict.retry_after if row.new_reason else None
            after = PROBE_AFTER[min(self.probes, len(PROBE_AFTER) - 1)]
            self._probe_at = now + max(after, until_probe(asked or 0.0))

    def _close(self, decision: Decision, now: float) -> None:
        decision.release, self.holding = self.holding, False
        decision.slow_start = self.cause in ("outage", "wait")
        self.reason, self.cause = None, ""
        self.probed_rules.clear()
        self._since_accepted = 0
        self._streak.reset()
        if self.wait.probed:
            self._say(self.wait.end(now))
        self._say(self._pauses.resumed())

    def _say(self, notice: Notice | None) -> None:
        if notice is not None:
            self._notices.append(notice)

"""Evaluation for callers without a loop of their own: what isn't known yet is waited for, a little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from greenflash_kafka.clock import SystemClock
from greenflash_kafka.evaluate import activities, evaluate, read_whole, table_rows
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.decoded import ReadMessage
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want, never, words
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.model.topic_tables import TableRows
from greenflash_kafka.ports import Clock, Schemas
from greenflash_kafka.snapshot import Snapshot

T = TypeVar("T", Outcome, Activities, TableRows, ReadMessage)

RESOLVE_SECONDS: Final = 10.0
"""How long somebody at a terminal waits for a schema."""

LOOK_SECONDS: Final = 0.01

_MISSED: Final[WeakKeyDictionary[Schemas, set[Want]]] = WeakKeyDictionary()
"""Schemas that didn't come in time, by whom they were asked of. A verb evaluates a message in several ways, and waits
for its schema once."""


def resolve(
    message: Message, snapshot: Snapshot, clock: Clock | None = None, seconds: float = RESOLVE_SECONDS
) -> Outcome:
    """The outcome of a message, waiting at most so many `seconds` for what isn't known yet; after that the message is
    invalid, with a problem that names it. `clock`: the machine's own unless another is given."""
    found = _resolved(evaluate, message, snapshot, clock, seconds)
    return Outcome(problems=(_unknown(found, snapshot),)) if isinstance(found, NotYet) else found


class Resolver:
    """Outcomes, activities and rows of many messages: what wasn't known in time once isn't waited for again."""

    def __init__(
        self,
        snapshot: Snapshot,
        clock: Clock | None = None,
        seconds: float = RESOLVE_SECONDS,
        until: float | None = None,
    ) -> None:
        """`until`: a time of the clock's `monotonic` after which nothing is waited for."""
        self._snapshot = snapshot
        self._clock = clock or SystemClock()
        self._seconds = seconds
        self._until = until
        self._missed: set[Want] = set()

    def wait_until(self, until: float) -> None:
        """From now on wait no longer than to this time of the clock's `monotonic`."""
        self._until = until

    def whole(self, message: Message) -> ReadMessage:
        """The message with all of its payload, as `resolve_whole` has it."""
        found = read_whole(message, self._snapshot)
        if isinstance(found, NotYet):
            found = self._waited_for(read_whole, message, found)
        return ReadMessage(message, problem=_unknown(found, self._snapshot)) if isinstance(found, NotYet) else found

    def outcome(self, message: Message) -> Outcome:
        """As `resolve` has it."""
        found = evaluate(message, self._snapshot)
        return found if isinstance(found, Outcome) else self._waited(message, found)

    def outcome_when_read(self, message: Message) -> Outcome | NotYet:
        """As `outcome`, for callers who give the reader of conversations and tables its turns: what that hasn't read
        yet isn't waited for here."""
        found = evaluate(message, self._snapshot)
        if isinstance(found, Outcome):
            return found
        if found.want[0] == "horizon":
            if self._snapshot.schemas is not None:
                self._snapshot.schemas.poll()  # what the reader holds may wait for a schema
            return found
        return self._waited(message, found)

    def activities(self, message: Message) -> Activities:
        """The activities that a message gives, as `resolve` has the outcome."""
        found = activities(message, self._snapshot)
        if isinstance(found, NotYet):
            found = self._waited_for(activities, message, found)
        return Activities(problems=(_unknown(found, self._snapshot),)) if isinstance(found, NotYet) else found

    def rows(self, message: Message) -> TableRows:
        """The rows of tables that a message gives, as `resolve` has the outcome."""
        found = table_rows(message, self._snapshot)
        if isinstance(found, NotYet):
            found = self._waited_for(table_rows, message, found)
        return TableRows(problems=(_unknown(found, self._snapshot),)) if isinstance(found, NotYet) else found

    def _waited(self, message: Message, want: NotYet) -> Outcome:
        found = self._waited_for(evaluate, message, want)
        return Outcome(problems=(_unknown(found, self._snapshot),)) if isinstance(found, NotYet) else found

    def _waited_for(
        self, evaluates: Callable[[Message, Snapshot], T | NotYet], message: Message, want: NotYet
    ) -> T | NotYet:
        found: T | NotYet = want
        if want.want not in self._missed:
            seconds = self._seconds
            if self._until is not None:
                seconds = min(seconds, self._until - self._clock.monotonic())
            found = _resolved(evaluates, message, self._snapshot, self._clock, seconds)
        if isinstance(found, NotYet):
            self._missed.add(found.want)
        return found


def resolve_activities(
    message: Message, snapshot: Snapshot, clock: Clock | None = None, seconds: float = RESOLVE_SECONDS
) -> Activities:
    """The activities that a message gives, as `resolve` has the outcome."""
    found = _resolved(activities, message, snapshot, clock, seconds)
    return Activities(problems=(_unknown(found, snapshot),)) if isinstance(found, NotYet) else found


def resolve_rows(
    message: Message, snapshot: Snapshot, clock: Clock | None = None, seconds: float = RESOLVE_SECONDS
) -> TableRows:
    """The rows of tables that a message gives, as `resolve` has the outcome."""
    found = _resolved(table_rows, message, snapshot, clock, seconds)
    return TableRows(problems=(_unknown(found, snapshot),)) if isinstance(found, NotYet) else found


def resolve_whole(
    message: Message, snapshot: Snapshot, clock: Clock | None = None, seconds: float = RESOLVE_SECONDS
) -> ReadMessage:
    """The message with all of its payload, as `resolve` has the outcome."""
    found = _resolved(read_whole, message, snapshot, clock, seconds)
    return ReadMessage(message, problem=_unknown(found, snapshot)) if isinstance(found, NotYet) else found


def _resolved(
    evaluates: Callable[[Message, Snapshot], T | NotYet],
    message: Message,
    snapshot: Snapshot,
    clock: Clock | None,
    seconds: float,
) -> T | NotYet:
    found = evaluates(message, snapshot)
    if not isinstance(found, NotYet) or never(found.want):
        return found
    missed = set[Want]() if snapshot.schemas is None else _MISSED.setdefault(snapshot.schemas, set())
    if found.want in missed:
        return found
    clock = clock or SystemClock()
    until = clock.monotonic() + seconds
    while isinstance(found, NotYet) and clock.monotonic() < until:
        clock.sleep(LOOK_SECONDS)
        if snapshot.schemas is not None:
            snapshot.schemas.poll()
        if snapshot.known(found.want):
            found = evaluates(message, snapshot)
    if isinstance(found, NotYet) and found.want[0] == "schema" and seconds >= RESOLVE_SECONDS:
        missed.add(found.want)
    return found


def _unknown(found: NotYet, snapshot: Snapshot) -> Problem:
    said = words(found.want)
    if never(found.want):
        return Problem("bad-payload", said)
    if found.want[0] != "schema":
        return Problem("bad-payload", f"{said} isn't known here")
    why = None if snapshot.schemas is None else snapshot.schemas.waits().get(found.want[1])
    return Problem("unknown-schema", f"{said} isn't known here" + (f": {why}" if why else ""))

"""Evaluation for callers without a loop of their own: what isn't known yet is waited for, a little."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.clock import SystemClock
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, words
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.ports import Clock
from greenflash_kafka.snapshot import Snapshot

RESOLVE_SECONDS: Final = 10.0
"""How long somebody at a terminal waits for a schema."""

LOOK_SECONDS: Final = 0.01


def resolve(
    message: Message, snapshot: Snapshot, clock: Clock | None = None, seconds: float = RESOLVE_SECONDS
) -> Outcome:
    """The outcome of a message, waiting at most so many `seconds` for what isn't known yet; after that the message is
    invalid, with a problem that names it. `clock`: the machine's own unless another is given."""
    outcome = evaluate(message, snapshot)
    if not isinstance(outcome, NotYet):
        return outcome
    clock = clock or SystemClock()
    until = clock.monotonic() + seconds
    while isinstance(outcome, NotYet):
        if clock.monotonic() >= until:
            return Outcome(problems=(Problem("bad-payload", f"{words(outcome.want)} isn't known here"),))
        clock.sleep(LOOK_SECONDS)
        if snapshot.known(outcome.want):
            outcome = evaluate(message, snapshot)
    return outcome

"""Who is hit when and how: drawn from the seed before anything starts, so that a run can be repeated."""

from __future__ import annotations

from random import Random
from typing import Literal, NamedTuple

Kind = Literal["kill", "kill at start", "kill while draining", "term", "zombie"]

_WHEEL: tuple[tuple[int, Kind], ...] = (
    (50, "kill"),
    (18, "kill at start"),
    (12, "kill while draining"),
    (10, "term"),
    (10, "zombie"),
)
"""kill: -9 at a random moment. kill at start: the member is replaced and the new process killed in the middle of
starting or joining. kill while draining: SIGTERM, and -9 before it is done. term: SIGTERM alone, which must end with 0.
zombie: SIGSTOP for longer than the session, then SIGCONT."""


class Cycle(NamedTuple):
    """One blow: `after` is its share (0-1) of the time between two blows, `delay` the share of its own moment."""

    kind: Kind
    slot: int
    after: float
    delay: float


def draw(seed: int, cycles: int, members: int) -> list[Cycle]:
    """The whole schedule; the first blows are one of each kind, so that a short run has them all."""
    chance = Random(f"{seed} schedule")
    kinds = [kind for weight, kind in _WHEEL for _ in range(weight)]
    first = [kind for _, kind in _WHEEL]
    chance.shuffle(first)
    return [
        Cycle(
            first[number] if number < len(first) else chance.choice(kinds),
            chance.randrange(members),
            chance.random(),
            chance.random(),
        )
        for number in range(cycles)
    ]

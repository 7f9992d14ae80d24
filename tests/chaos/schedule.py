"""The schedule of kills and freezes, drawn from the seed in advance, so that a run can be repeated."""

from __future__ import annotations

from random import Random
from typing import Literal, NamedTuple

Kind = Literal["kill", "kill at start", "kill while draining", "term", "zombie"]

_KILLS: tuple[tuple[int, Kind], ...] = ((50, "kill"), (18, "kill at start"), (12, "kill while draining"))
_OTHERS: tuple[tuple[int, Kind], ...] = ((1, "term"), (1, "zombie"))
"""kill: -9 at a random moment. kill at start: the member is replaced and the new process killed in the middle of
starting or joining. kill while draining: SIGTERM, and -9 before it is done. term: SIGTERM alone, which must end with 0,
or with 1 if an event was failing then.
zombie: SIGSTOP for longer than the session, then SIGCONT."""


class Cycle(NamedTuple):
    """One blow: `after` is its share (0-1) of the time between two blows, `delay` the share of its own moment."""

    kind: Kind
    slot: int
    after: float
    delay: float


def draw(seed: int, cycles: int, members: int) -> list[Cycle]:
    """The whole schedule: so many kill -9, and a quarter as many other blows (two at least) among them; the first of
    either are one of each kind, so that a short run has them all."""
    chance = Random(f"{seed} schedule")
    kinds = _pick(chance, _KILLS, cycles) + _pick(chance, _OTHERS, max(len(_OTHERS), cycles // 4))
    chance.shuffle(kinds)
    return [Cycle(kind, chance.randrange(members), chance.random(), chance.random()) for kind in kinds]


def _pick(chance: Random, wheel: tuple[tuple[int, Kind], ...], count: int) -> list[Kind]:
    first = [kind for _, kind in wheel][:count]
    return first + chance.choices([kind for _, kind in wheel], [weight for weight, _ in wheel], k=count - len(first))

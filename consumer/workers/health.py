"""One answer for all workers: whether the run is alive, and whether all of it does its work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

from consumer.instrumentation.health import LIVE_SECONDS, Health, Trouble

SILENT_SECONDS = 30.0
"""After so long without a word a worker isn't counted on; its loop may be waiting for a broker."""

KILL_SECONDS = 60.0
"""So much longer than `LIVE_SECONDS` a worker may hang before the run isn't alive: the supervisor should have killed
it long ago."""


class Standing(msgspec.Struct, frozen=True):
    """How a worker does: when it last said a word (monotonic seconds), None before its first; and what it said."""

    number: int
    began: float
    heard: float | None
    troubles: Sequence[Trouble] = ()


class AllHealth:
    """`server.Answers` of a supervised run; asked on the server's thread."""

    def __init__(
        self,
        own: Health,
        standings: Callable[[], Iterable[Standing]],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`own` is the supervisor's: its conditions, and its beat. `standings`: of every worker that has a process."""
        self._own = own
        self._standings = standings
        self._monotonic = monotonic

    def live(self) -> bool:
        """False when the supervisor stands still, or a worker that hangs can't even be killed. One that hangs is
        started again, and the others work on meanwhile: no reason to end them all."""
        now = self._monotonic()
        heard = (each.heard for each in self._standings() if each.heard is not None)
        return self._own.live() and all(now - each < LIVE_SECONDS + KILL_SECONDS for each in heard)

    def troubles(self) -> list[Trouble]:
        """What keeps any of them from its work, oldest first, each condition once with the workers that have it."""
        now = self._monotonic()
        found: dict[tuple[str, str], Trouble] = {(each.name, each.about): each for each in self._own.troubles()}
        for standing in self._standings():
            for each in _of(standing, now):
                known = found.get((each.name, each.about), each)
                found[each.name, each.about] = Trouble(
                    each.name,
                    each.about,
                    max(known.seconds, each.seconds),
                    tuple(sorted({*known.workers, standing.number})),
                )
        return sorted(found.values(), key=lambda trouble: -trouble.seconds)


def _of(standing: Standing, now: float) -> Iterable[Trouble]:
    if standing.heard is None:
        yield Trouble("starting", "", now - standing.began)
        return
    since = now - standing.heard
    if since > SILENT_SECONDS:
        yield Trouble("worker_silent", "", since)
    for each in standing.troubles:
        yield each._replace(seconds=each.seconds + since)

"""A worker as its supervisor sees it: a place in the run, taken by one life after another."""

from __future__ import annotations

from consumer.model.summary import Tally, together
from consumer.workers.health import Standing
from consumer.workers.life import Life
from consumer.workers.metrics import added
from consumer.workers.protocol import Number
from consumer.workers.restarts import Restarts


class Worker:
    """Number `number` of the run."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.start_at = 0.0
        """When the next life begins, while there is none (monotonic seconds)."""
        self._restarts = Restarts()
        self._past = Tally()
        self._books: tuple[list[Number], Life | None] = ([], None)

    @property
    def life(self) -> Life | None:
        """The process that there is now."""
        return self._books[1]

    @property
    def books(self) -> tuple[list[Number], Life | None]:
        """Counters of past lives, and the present life; from one moment, also on another thread."""
        return self._books

    @property
    def standing(self) -> Standing | None:
        """How it does, None while it has no process."""
        life = self.life
        return None if life is None else Standing(self.number, life.began, life.heard, life.beat.troubles)

    @property
    def at_work(self) -> bool:
        """Whether it has told how it does, in this life."""
        return self.life is not None and self.life.heard is not None

    def begin(self, life: Life) -> None:
        """A life has begun."""
        self._books = (self._books[0], life)

    def bury(self, life: Life, now: float) -> float:
        """A life has ended: what it did stays counted. Seconds until the next one would begin."""
        tally, counts = life.beat.tally, life.beat.counts
        if life.bye is not None:
            tally, counts = life.bye.tally or tally, life.bye.counts or counts
        self._past = together([self._past, tally])
        sums = added([self._books[0], counts])
        self._books = ([(name, labels, value) for (name, labels), value in sums.items()], None)
        return self.failed(now - life.began, now)

    def failed(self, lived: float, now: float) -> float:
        """It lived for so long, or couldn't be started. Seconds until the next life would begin."""
        wait = self._restarts.wait(lived)
        self.start_at = now + wait
        return wait

    def tally(self) -> Tally:
        """What it did, in all its lives."""
        life = self.life
        return self._past if life is None else together([self._past, life.beat.tally])

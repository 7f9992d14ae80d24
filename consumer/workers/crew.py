"""All workers of a run: started, listened to, told of each other, and counted together."""

from __future__ import annotations

import selectors
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from consumer.instrumentation.listener import Listeners
from consumer.model.rest import Rest
from consumer.model.summary import Tally, together
from consumer.workers.command import Place
from consumer.workers.health import Standing
from consumer.workers.life import Life
from consumer.workers.metrics import Numbers
from consumer.workers.news import News
from consumer.workers.protocol import Beat, Bye, FromWorker, ToWorker
from consumer.workers.worker import Worker


class Crew:
    """`of` workers. What they write and say is taken in while their `selector` is waited for, by its keys' `data`."""

    def __init__(
        self,
        of: int,
        command: Callable[[Place], Sequence[str]],
        selector: selectors.BaseSelector,
        tell: Listeners,
        logged: Callable[[str], None],
        said: Callable[[int, str], None],
        now: Callable[[], float],
    ) -> None:
        """`command` is the command line of the worker that takes a place; `logged` gets log lines, and `said` what
        else a worker writes."""
        self._of = of
        self._command = command
        self._selector = selector
        self._tell = tell
        self._logged = logged
        self._said = said
        self._now = now
        self._news = News()
        self._differ = False
        self._workers = [Worker(number) for number in range(1, of + 1)]
        self.has_worked = False
        """Whether any worker was ever at work."""

    def __iter__(self) -> Iterator[Life]:
        """Every worker's process that there is now."""
        return iter([each.life for each in self._workers if each.life is not None])

    # --- their lives -----------------------------------------------------------------------------------------------

    def start_due(self) -> None:
        """Start every worker whose time has come."""
        for worker in self._workers:
            if worker.life is None and worker.start_at <= self._now():
                self._start(worker)

    def next_start(self) -> float:
        """When the next worker is to be started (monotonic seconds); infinite when all are there."""
        return min((each.start_at for each in self._workers if each.life is None), default=float("inf"))

    def _start(self, worker: Worker) -> None:
        said = partial(self._said, worker.number)
        try:
            life = Life(worker.number, self._of, self._command, self._now(), self._logged, said)
        except OSError as error:
            again_in = worker.failed(0.0, self._now())
            text = f"it can't be started: {error.strerror or error}"
            self._tell.notice("worker_ended", worker=worker.number, text=text, again_in=again_in)
            return
        worker.begin(life)
        self._selector.register(life.channel.socket, selectors.EVENT_READ, partial(self._hear, life))
        for pipe in life.pipes:
            self._selector.register(pipe.descriptor, selectors.EVENT_READ, partial(self._read, life, pipe.descriptor))
        self._tell.notice("worker_started", worker=worker.number, pid=life.process.pid)

    def reap(self) -> Iterator[tuple[Life, float]]:
        """Bury who has ended; each with the seconds after which it would be started again."""
        for worker in self._workers:
            life = worker.life
            if life is not None and life.ended:
                yield life, self._bury(worker, life)

    def _bury(self, worker: Worker, life: Life) -> float:
        for message in life.channel.receive():
            self._heard(life, message)
        self._forget(life.channel.socket, *(pipe.descriptor for pipe in life.pipes))
        life.close()
        again_in = worker.bury(life, self._now())
        self._count()
        told = self._news.gone(worker.number)
        if told is not None:
            self._tell_others(life, told)
        return again_in

    # --- what they say ---------------------------------------------------------------------------------------------

    def _read(self, life: Life, descriptor: int) -> None:
        for pipe in life.pipes:
            if pipe.descriptor == descriptor and not pipe.read():
                self._forget(descriptor)

    def _hear(self, life: Life) -> None:
        for message in life.channel.receive():
            self._heard(life, message)
        if life.channel.closed:
            self._forget(life.channel.socket)

    def _heard(self, life: Life, message: FromWorker) -> None:
        match message:
            case Beat():
                first = life.heard is None
                life.heard, life.beat = self._now(), message
                if first:
                    self._at_work(life)
            case Bye():
                life.bye, life.bye_at = message, self._now()
            case _:
                self._tell_others(life, self._news.hear(life.number, message, self._now()))

    def _tell_others(self, life: Life, told: ToWorker) -> None:
        for other in self:
            # One that isn't at work yet gets what there is to know then.
            if other is not life and other.heard is not None:
                other.channel.send(told)

    def _at_work(self, life: Life) -> None:
        self.has_worked = True
        self._tell.notice("worker_working", worker=life.number)
        for told in self._news.so_far(self._now()):
            life.channel.send(told)
        self._count()
        differ = len({each.beat.ruleset for each in self if each.heard is not None}) > 1
        if differ and not self._differ:
            self._tell.notice("workers_differ")
        elif self._differ and not differ:
            self._tell.notice("workers_alike")
        self._differ = differ

    def _count(self) -> None:
        self._tell.gauge("workers_working", sum(each.heard is not None for each in self))

    def _forget(self, *watched: Any) -> None:
        for each in watched:
            with suppress(KeyError):
                self._selector.unregister(each)

    # --- all of them; the first three also on another thread ---------------------------------------------------------

    def standings(self) -> list[Standing]:
        """How each does that has a process."""
        return [each.standing for each in self._workers if each.standing is not None]

    def numbers(self) -> Numbers:
        """What they count and measure."""
        past, alive = [], []
        for worker in self._workers:
            counts, life = worker.books
            past.append(counts)
            if life is not None and life.heard is not None:
                alive.append((life.heard, life.beat))
        alive.sort(key=lambda each: each[0])
        return Numbers([*past, *(beat.counts for _, beat in alive)], [beat.gauges for _, beat in alive])

    def processes(self) -> dict[str, int | str]:
        """Their process ids, by number, and our own."""
        return {"supervisor": "self"} | {str(each.number): each.process.pid for each in self}

    def rests(self) -> list[Rest] | None:
        """How each stands with ending; None while not all are at work."""
        found = [each.beat.rest for each in self if each.heard is not None]
        return found if len(found) == self._of else None

    def tally(self) -> Tally:
        """What they have done."""
        return together(each.tally() for each in self._workers)

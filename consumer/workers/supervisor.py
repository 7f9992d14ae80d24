"""The supervisor of `run --workers`: it starts workers, keeps them running, speaks for them, and ends them.

Workers are processes of the same command and members of one consumer group; Kafka's group protocol shares the
partitions among them, here as between machines. The supervisor itself reads and sends nothing.
"""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, TextIO

import msgspec

from consumer.config.model import Config
from consumer.config.secrets import api_key, secrets
from consumer.errors import ConfigInvalid, GreenflashKafkaError, WorkerFailed, not_idle
from consumer.instrumentation.health import LIVE_SECONDS, Health
from consumer.instrumentation.listener import Listeners
from consumer.instrumentation.logs import Logs
from consumer.instrumentation.prometheus import Metrics
from consumer.instrumentation.server import OperatorServer
from consumer.model.rest import all_over
from consumer.model.summary import STOPPED_WITH, Summary, summary_of
from consumer.redaction import Redactor
from consumer.source.property_values import resolve
from consumer.workers.command import Place
from consumer.workers.crew import Crew
from consumer.workers.health import AllHealth
from consumer.workers.life import Life
from consumer.workers.metrics import AllMetrics
from consumer.workers.signals import Signals, die


class Patience(msgspec.Struct, frozen=True):
    """How long a supervisor waits, in seconds."""

    turn: float = 1.0
    """The longest turn of its loop."""
    start: float = 300.0
    """From a worker's start to its first word."""
    silence: float = LIVE_SECONDS
    """From one word of a worker to the next: longer than any wait that its loop allows itself."""
    leave: float = 10.0
    """From a worker's last words to its end: a client may hang on its way out."""
    stop: float = 15.0
    """Beyond `delivery.drain_seconds`, before a worker that was told to end is killed."""
    asleep: float = 10.0
    """After a turn so long this process itself was suspended, and perhaps the workers: nobody is late then."""


SAID: Final = 8000
"""Characters of what a worker says beside its log that one line repeats."""


class Outcome(msgspec.Struct):
    """What the whole run came to. `summary` is None if no worker was ever at work."""

    summary: Summary | None
    error: GreenflashKafkaError | None
    silent_reader: bool = False
    """Nobody reads standard error any more: the process has to leave without flushing it."""


class Supervisor:
    """One run of `of` workers."""

    def __init__(
        self,
        config: Config,
        of: int,
        command: Callable[[Place], Sequence[str]],
        environ: Mapping[str, str],
        err: TextIO,
        monotonic: Callable[[], float] = time.monotonic,
        patience: Patience | None = None,
    ) -> None:
        """`command` is the command line of the worker that takes a place."""
        self._config = config
        self._patience = patience or Patience()
        self._now = monotonic
        values, _ = resolve(config.kafka.properties, environ)
        self._logs = Logs(err, config.log.format, config.log.level, Redactor(secrets(config, values)))
        self._logs.install()
        own, self._health = Metrics(), Health(monotonic, joins=False)
        self._tell = Listeners(self._logs, own, self._health)
        self._selector = selectors.DefaultSelector()
        self._signals = Signals()
        self._crew = Crew(of, command, self._selector, self._tell, self._logs.relay, self._said, monotonic)
        self._server = OperatorServer(
            config.http.host,
            config.http.port,
            AllMetrics(own, self._crew.numbers, self._crew.processes),
            AllHealth(self._health, self._crew.standings, monotonic),
            self._tell,
        )
        self._tell.gauge("workers_wanted", of)
        self._turned = monotonic()
        self._stopping = False
        self._stop_by = 0.0
        self._error: GreenflashKafkaError | None = None
        self._failures: list[WorkerFailed] = []
        self._stuck: list[str] = []

    def run(self) -> Outcome:
        """Run until told to end, until idle if the configuration says so, or until a worker says that it can't be."""
        self._signals.install()
        self._selector.register(self._signals.socket, selectors.EVENT_READ, lambda: None)
        # First the workers, since without any there would be nothing that keeps this run from being ready.
        self._crew.start_due()
        self._server.start()
        try:
            while not self._stopping or any(self._crew):
                self._turn()
        finally:
            for life in self._crew:
                life.kill("killed, since the supervisor failed")
        return self._end()

    def _turn(self) -> None:
        if not self._stopping:
            self._crew.start_due()
        for key, _ in self._selector.select(self._wait()):
            key.data()
        self._health.beat()
        for number in self._signals.stopping():
            self._signalled(number)
        for life, again_in in self._crew.reap():
            self._ended(life, again_in)
        now = self._now()
        asleep, self._turned = now - self._turned, now
        for life in self._crew:
            if asleep > self._patience.asleep:
                life.forgive(asleep)
            life.channel.flush()
            self._judge(life)
        self._end_if_idle()

    def _wait(self) -> float:
        next_at = self._stop_by if self._stopping else self._crew.next_start()
        return min(self._patience.turn, max(0.0, next_at - self._now()))

    def _judge(self, life: Life) -> None:
        """A process that there is: does it do anything?"""
        now, patience = self._now(), self._patience
        if life.killed:
            return
        if life.bye is not None:
            if now - life.bye_at > patience.leave:
                life.kill("killed, since it hung on its way out")
        elif self._stopping:
            if now >= self._stop_by:
                seconds = self._config.delivery.drain_seconds + patience.stop
                life.kill(f"killed, since it didn't end within {seconds:g} s; its messages are delivered again")
        elif life.heard is None:
            if now - life.began > patience.start:
                life.kill(f"killed, since it wasn't at work {patience.start:g} s after its start")
        elif now - life.heard > patience.silence:
            self._tell.notice("worker_hangs", worker=life.number, seconds=round(now - life.heard))
            life.kill(f"killed, since its loop stood still for {patience.silence:g} s")
        elif life.channel.broken:
            life.kill("killed, since it wrote nonsense on its line to the supervisor")

    def _said(self, number: int, text: str) -> None:
        with suppress(ConfigInvalid):
            # The key that is in use may be another than at our start.
            key = api_key(self._config)
            if key is not None:
                self._logs.redactor.add(key.get_secret_value())
        self._tell.notice("worker_said", worker=number, text=text[:SAID])

    # --- how workers end -------------------------------------------------------------------------------------------

    def _ended(self, life: Life, again_in: float) -> None:
        if self._stopping:
            early = life.heard is None and life.code < 0 and not life.killed
            if life.code and not early:
                self._failures.append(_failure(life))
        elif self._is_final(life):
            self._stop(_failure(life))
        else:
            text = life.why() or "it was told to end, but not by its supervisor"
            self._tell.notice("worker_ended", worker=life.number, text=text, again_in=again_in)
            self._tell.count("worker_restarts", 1, (str(life.number),))

    def _is_final(self, life: Life) -> bool:
        """Whether another life would end in the same way. As long as no worker was ever at work, any failure is."""
        if life.bye is not None and life.bye.code and not life.bye.passes:
            return True
        return life.code != 0 and not self._crew.has_worked

    # --- the end of the run ----------------------------------------------------------------------------------------

    def _signalled(self, number: int) -> None:
        if not self._stopping:
            self._stop(None)
            return
        for life in self._crew:
            life.kill("killed by a second signal")
        for life in self._crew:
            life.wait(1.0)
        die(number)

    def _end_if_idle(self) -> None:
        if self._config.run.until_idle is None or self._stopping:
            return
        rests = self._crew.rests()
        if rests is not None and all_over(rests):
            self._stuck = sorted({text for each in rests for text in each.stuck})
            self._stop(not_idle(self._stuck) if self._stuck else None)

    def _stop(self, error: GreenflashKafkaError | None) -> None:
        self._stopping, self._error = True, error
        self._stop_by = self._now() + self._config.delivery.drain_seconds + self._patience.stop
        for life in self._crew:
            life.stop()

    def _end(self) -> Outcome:
        self._selector.close()
        self._signals.uninstall()
        self._server.stop()
        summary = None
        if self._crew.has_worked:
            summary = summary_of(self._config.kafka.bootstrap_servers, self._crew.tally())
            summary.stuck = self._stuck
            self._tell.notice("stopped", **{name: getattr(summary, name) for name in STOPPED_WITH})
        silent = not self._logs.flush()
        return Outcome(summary, self._error or _all_of(self._failures), silent)


def _failure(life: Life) -> WorkerFailed:
    said = f"worker {life.number} ended: {life.why()}" if life.bye is None else life.bye.text
    return WorkerFailed(said, life.code if life.code > 0 else 1)


def _all_of(failures: Sequence[WorkerFailed]) -> WorkerFailed | None:
    if not failures:
        return None
    texts = dict.fromkeys(str(each) for each in failures)
    return WorkerFailed("\n".join(texts), max(each.exit_code for each in failures))

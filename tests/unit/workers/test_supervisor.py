"""A supervisor with real processes that only pretend to work: who is started again, and how the run ends."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import tests.fakes.worker
from consumer.config.load import load_config
from consumer.workers.command import Place
from consumer.workers.supervisor import Outcome, Patience, Supervisor

ENVIRON = {"KAFKA_BOOTSTRAP_SERVERS": "b:1", "GREENFLASH_API_KEY": "secret-key-1"}
FLAGS = {"dead_letter.topic": "dead", "http.port": 0, "delivery.drain_seconds": 0}
QUICK = Patience(turn=0.1, start=30, silence=30, stop=30)


class Run:
    """A supervisor, watched through its log."""

    def __init__(
        self, behaviour: str | Sequence[str], patience: Patience = QUICK, of: int = 2, until_idle: float | None = None
    ) -> None:
        """`behaviour` is that of all, or of each in turn as they are started; the last is that of all further ones."""
        self._behaviours = [behaviour] if isinstance(behaviour, str) else list(behaviour)
        self._log = io.StringIO()
        self._started = 0
        config = load_config(None, ENVIRON, {**FLAGS, "run.until_idle": until_idle})
        self._supervisor = Supervisor(config, of, self._command, ENVIRON, self._log, patience=patience)

    def _command(self, place: Place) -> list[str]:
        behaviour = self._behaviours[min(self._started, len(self._behaviours) - 1)]
        self._started += 1
        return [sys.executable, str(Path(tests.fakes.worker.__file__)), behaviour, str(place)]

    def until(self, done: Callable[[Run], bool] = lambda _: False, seconds: float = 120) -> Outcome:
        """Run; SIGTERM once it is so. Fails when it isn't in time."""
        late: list[str] = []

        def watch() -> None:
            deadline = time.monotonic() + seconds
            while not done(self):
                if time.monotonic() > deadline:
                    late.append(self.said())
                    break
                if over.wait(0.02):
                    return
            os.kill(os.getpid(), signal.SIGTERM)

        before = signal.signal(signal.SIGTERM, lambda *_: None)  # one that comes too late must not end the tests
        over = threading.Event()
        watching = threading.Thread(target=watch)
        watching.start()
        try:
            outcome = self._supervisor.run()
        finally:
            over.set()
            watching.join()
            signal.signal(signal.SIGTERM, before)
        assert not late, late
        return outcome

    def said(self) -> str:
        return self._log.getvalue()

    def lines(self, event: str) -> list[dict[str, Any]]:
        whole = self.said().rpartition("\n")[0].splitlines()
        return [line for line in map(json.loads, filter(lambda each: each[:1] == "{", whole)) if line["event"] == event]

    def get(self, path: str) -> str:
        (serving,) = self.lines("http_serving")
        with urllib.request.urlopen(serving["url"] + path, timeout=60) as answer:
            text: str = answer.read().decode()
            return text


def test_workers_are_started_and_end_when_told() -> None:
    outcome = Run("works").until(lambda run: len(run.lines("worker_working")) == 2)
    assert outcome.error is None
    assert outcome.summary is not None
    assert outcome.summary.accepted >= 2


def test_a_worker_that_dies_is_started_again_and_what_it_did_stays_counted() -> None:
    run = Run(["dies", "works"])
    seen: list[str] = []

    def back(run: Run) -> bool:
        if len(run.lines("worker_working")) == 3:
            seen.append(run.get("/metrics"))
        return bool(seen)

    outcome = run.until(back)
    (ended,) = run.lines("worker_ended")
    assert (ended["worker"], ended["text"], ended["again_in"]) == (1, "killed by signal 9 (SIGKILL)", 1.0)
    assert 'greenflash_kafka_worker_restarts_total{worker="1"} 1.0' in seen[0]
    assert "greenflash_kafka_messages_in_hand 10.0" in seen[0]
    assert outcome.summary is not None
    assert outcome.summary.accepted >= 3, "one of the first life, one of each that followed"


@pytest.mark.parametrize(
    ("behaviour", "patience", "why"),
    [
        ("hangs", Patience(turn=0.1, silence=1.0, stop=0.5), "its loop stood still"),
        ("never says a word", Patience(turn=0.1, start=3.0), "wasn't at work"),
        ("talks nonsense", QUICK, "wrote nonsense"),
        ("hangs on its way out", Patience(turn=0.1, leave=0.5), "the Kafka client can't go on"),
    ],
)
def test_a_worker_that_does_nothing_any_more_is_killed_and_started_again(
    behaviour: str, patience: Patience, why: str
) -> None:
    run = Run(["works", behaviour, "works"], patience)
    outcome = run.until(lambda run: bool(run.lines("worker_ended")) and len(run.lines("worker_started")) == 3)
    (ended,) = run.lines("worker_ended")
    assert why in ended["text"]
    assert outcome.error is None


def test_what_may_pass_is_tried_again() -> None:
    run = Run(["works", "loses the client", "works"])
    outcome = run.until(lambda run: len(run.lines("worker_started")) == 3)
    assert outcome.error is None
    assert run.lines("worker_ended")[0]["text"] == "the Kafka client can't go on"


def test_what_a_restart_does_not_cure_ends_the_run_with_its_words_and_code() -> None:
    run = Run(["works", "gives up"])
    outcome = run.until()
    assert (str(outcome.error), outcome.error and outcome.error.exit_code) == ("too many dead letters", 1)
    assert len(run.lines("worker_started")) == 2
    assert outcome.summary is not None


@pytest.mark.parametrize(
    ("behaviour", "text", "code"),
    [
        ("refuses at once", "the configuration is wrong", 2),
        ("dies at once", "ended: exit code 3", 3),
    ],
)
def test_a_run_that_never_began_is_not_tried_again(behaviour: str, text: str, code: int) -> None:
    run = Run(behaviour)
    outcome = run.until()
    assert outcome.error is not None
    assert outcome.error.exit_code == code
    assert str(outcome.error).endswith(text)
    assert len(run.lines("worker_started")) == 2
    assert outcome.summary is None


def test_it_ends_once_all_are_idle() -> None:
    outcome = Run("is idle", until_idle=1).until()
    assert outcome.error is None
    assert outcome.summary is not None


def test_it_does_not_end_while_one_is_busy() -> None:
    run = Run(["is idle", "works"], until_idle=1)
    began = time.monotonic()
    outcome = run.until(lambda run: len(run.lines("worker_working")) == 2 and time.monotonic() - began > 2)
    assert time.monotonic() - began > 2
    assert outcome.error is None


def test_who_is_stuck_is_named_once() -> None:
    outcome = Run("is stuck", until_idle=1).until()
    assert str(outcome.error) == "not everything could be settled:\n  orders/0 is halted"
    assert outcome.summary is not None
    assert outcome.summary.stuck == ["orders/0 is halted"]


def test_who_does_not_end_in_time_is_killed_and_that_is_said() -> None:
    run = Run("does not end", Patience(turn=0.1, stop=0.5), of=1)
    outcome = run.until(lambda run: len(run.lines("worker_working")) == 1)
    assert outcome.error is not None
    assert "worker 1 ended: killed, since it didn't end within 0.5 s" in str(outcome.error)
    assert outcome.error.exit_code == 1


def test_what_one_says_the_others_are_told_also_those_that_come_later() -> None:
    run = Run("waits", of=3)
    run.until(lambda run: run.said().count("heard Paused") == 2 and run.said().count("heard Waiting") == 2)
    assert "worker 1 heard" not in run.said()


def test_long_lines_of_several_processes_do_not_mix_and_other_words_are_lines_without_secrets() -> None:
    run = Run("is chatty")
    run.until(lambda run: len(run.lines("worker_said")) == 2 and run.said().count("x\n") == 400)
    long = [line for line in run.said().splitlines() if line.endswith("x")]
    assert all(line.partition(" ")[2] == "x" * 6000 for line in long)
    assert "secret-key" not in run.said()
    assert {line["worker"] for line in run.lines("worker_said")} == {1, 2}
    assert run.lines("worker_said")[0]["text"] == "Traceback\n  of something with [redacted] in it"


def test_the_supervisor_is_light() -> None:
    heavy = ["confluent_kafka", "pycurl", "greenflash", "httpx", "re2", "lark", "uvicorn", "uvloop", "asyncio"]
    code = (
        "import sys, consumer.cli.running, consumer.workers.supervisor; from consumer.config.load import load_config; "
        f"print([each for each in {heavy} if each in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"

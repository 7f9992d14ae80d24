"""A worker's side of the line to its supervisor."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from consumer.errors import SourceFailed, TooManyDeadLetters
from consumer.model.rest import Rest
from consumer.workers.channel import Channel
from consumer.workers.link import BEAT_SECONDS, LOOK_SECONDS, Link
from consumer.workers.protocol import Beat, Bye, FromWorker, Paused, Resumed, Waiting


class Told:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def told_to_wait(self, seconds: float, code: str) -> None:
        self.heard.append((seconds, code))

    def told_paused(self, code: str, text: str) -> None:
        self.heard.append((code, text))

    def told_resumed(self) -> None:
        self.heard.append("resumed")


class Line:
    """A link, its supervisor's end, and the time."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.time = 1000.0
        self.gone = False
        self.told = Told()
        self.supervisor: Channel[FromWorker] = Channel(ours, FromWorker)
        self.link = Link(theirs, self._gone, lambda: self.time)

    def _gone(self) -> None:
        self.gone = True

    def turn(self, seconds: float = LOOK_SECONDS, rest: Rest | None = None) -> list[FromWorker]:
        self.time += seconds
        self.link.turn(self.told, rest or Rest(), lambda: Beat("rules"))
        return self.supervisor.receive()


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.supervisor.close()


def test_it_beats_once_a_second_however_often_the_loop_turns(line: Line) -> None:
    assert line.turn() == [Beat("rules")]
    beats = [each for _ in range(500) for each in line.turn(BEAT_SECONDS / 100)]
    assert 4 <= len(beats) <= 5


def test_that_it_is_idle_is_told_at_once(line: Line) -> None:
    line.turn()
    assert line.turn() == []
    assert len(line.turn(rest=Rest(True, True))) == 1


def test_what_it_is_told_the_dispatcher_hears(line: Line) -> None:
    for each in (Waiting(5, "status-429"), Paused("tls", "no trust"), Resumed()):
        line.supervisor.send(each)
    line.turn()
    assert line.told.heard == [(5, "status-429"), ("tls", "no trust"), "resumed"]


def test_hundreds_of_answers_of_one_turn_are_one_message(line: Line) -> None:
    line.turn()
    for number in range(300):
        line.link.waiting(10 + number / 1000, "status-429")
    (told,) = line.turn(0)
    assert isinstance(told, Waiting)
    assert told.seconds == pytest.approx(10.299)
    line.link.waiting(5, "status-429")
    assert line.turn(0) == [], "the others wait longer anyway"


def test_a_supervisor_that_stands_still_delays_nothing_and_gets_no_heap_of_old_beats(line: Line) -> None:
    for _ in range(20_000):
        line.time += BEAT_SECONDS
        line.link.turn(line.told, Rest(), lambda: Beat("rules" * 1000))
    beats: list[FromWorker] = []
    while received := line.supervisor.receive():
        beats += received
        line.link.turn(line.told, Rest(), lambda: Beat())
    assert len(beats) < 500


def test_a_supervisor_that_has_gone_is_noticed(line: Line) -> None:
    line.turn()
    assert not line.gone
    line.supervisor.close()
    line.time += LOOK_SECONDS
    line.link.turn(line.told, Rest(), Beat)
    assert line.gone


def test_last_words_say_whether_a_restart_helps(line: Line) -> None:
    line.link.goodbye(1, TooManyDeadLetters("too many"), None, [])
    line.link.goodbye(3, SourceFailed("the client"), None, [])
    first, second = line.supervisor.receive()
    assert isinstance(first, Bye)
    assert isinstance(second, Bye)
    assert (first.code, first.text, first.passes) == (1, "too many", False)
    assert (second.code, second.text, second.passes) == (3, "the client", True)


def test_a_worker_whose_loop_stands_still_does_not_outlive_its_supervisor_for_ever() -> None:
    ours, theirs = socket.socketpair()
    code = (
        "import socket, sys, time; from consumer.workers.link import Link; "
        "link = Link(socket.socket(fileno=int(sys.argv[1])), lambda: print('gone', flush=True)); "
        "link.watch(0.3); print('ready', flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-c", code, str(theirs.fileno())]
    with subprocess.Popen(command, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, text=True) as worker:
        theirs.close()
        assert worker.stdout is not None
        try:
            assert worker.stdout.readline() == "ready\n"
            assert worker.poll() is None
            ours.close()
            assert worker.stdout.readline() == "gone\n"
            assert worker.wait(120) == 1
        finally:
            if worker.poll() is None:
                os.kill(worker.pid, signal.SIGKILL)

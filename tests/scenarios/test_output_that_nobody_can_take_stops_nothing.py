"""A full disk, a closed stream, a pipe whose reader stands still: the messages are delivered, and the process ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

ORDERS = 300


@contextmanager
def full_pipe() -> Iterator[int]:
    """The writing end of a pipe that takes nothing more, because nobody reads."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"." * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    try:
        yield writing
    finally:
        os.close(writing)
        os.close(reading)


def started(deployment: Any, stdout: Any, stderr: Any, *arguments: str, shell: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "greenflash_kafka", "run", *arguments]
    if shell:
        command = ["/bin/sh", "-c", f'exec "$@" {shell}', "sh", *command]
    return subprocess.Popen(
        command, stdout=stdout, stderr=stderr, env={**os.environ, **deployment.environ()}, cwd=deployment.folder
    )


def ended(process: subprocess.Popen[bytes], seconds: float = 300) -> int:
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError("it hangs") from None


def everything_was_delivered(deployment: Any, topic: str) -> None:
    assert len(deployment.stored()) == ORDERS
    assert deployment.kafka.committed(deployment.group, topic) == deployment.kafka.ends(topic)


@pytest.mark.parametrize("json", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("case", ["full", "closed", "stands still"])
def test_the_log_can_not_be_written(deployment: Any, case: str, json: list[str]) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, [*deployment.orders(ORDERS), b"{", b"["])
    arguments = ("--until-idle", "0.5", *json)
    with full_pipe() as pipe, open("/dev/full", "wb") as full:
        stderr = {"full": full, "closed": subprocess.DEVNULL, "stands still": pipe}[case]
        shell = "2>&-" if case == "closed" else ""
        process = started(deployment, subprocess.DEVNULL, stderr, *arguments, shell=shell)
        assert ended(process) == 0
    everything_was_delivered(deployment, topic)
    assert len(deployment.kafka.read(deployment.dead_letters)) == 2


@pytest.mark.parametrize("case", ["full", "closed", "gone"])
def test_the_summary_can_not_be_written(deployment: Any, case: str) -> None:
    """The work is done by then; what can't be written is said by the exit code alone."""
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, deployment.orders(ORDERS))
    reading, writing = os.pipe()
    os.close(reading)
    with open("/dev/full", "wb") as full, (deployment.folder / "err").open("wb") as err:
        stdout = {"full": full, "closed": subprocess.DEVNULL, "gone": writing}[case]
        shell = ">&-" if case == "closed" else ""
        process = started(deployment, stdout, err, "--until-idle", "0.5", "--json", shell=shell)
        assert ended(process) == {"full": 1, "closed": 0, "gone": 141}[case]
    os.close(writing)
    everything_was_delivered(deployment, topic)
    said = (deployment.folder / "err").read_text()
    assert "internal error" not in said
    assert "Traceback" not in said


def test_a_reader_that_stands_still_keeps_nobody_from_stopping(deployment: Any, until: Any) -> None:
    (topic,) = deployment.topics(1)
    deployment.kafka.produce(topic, deployment.orders(ORDERS))
    with full_pipe() as pipe:
        process = started(deployment, subprocess.DEVNULL, pipe)
        until(lambda: len(deployment.stored()) == ORDERS, "the events")
        process.send_signal(signal.SIGTERM)
        assert ended(process) == 0
    everything_was_delivered(deployment, topic)

"""The sandbox as a command: where it says it is, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.sandbox.running import Sandbox
from greenflash_kafka.sandbox.serve import serve


def start(*arguments: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "greenflash_kafka", "sandbox", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environ},
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_its_address_answers_and_ends_in_order(number: signal.Signals) -> None:
    with start("--port", "0") as process:
        sandbox = Sandbox(first_line(process))
        assert sandbox.stats()["received"] == 0
        process.send_signal(number)
        assert process.wait(120) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_signal_as_soon_as_the_address_is_said_is_not_lost() -> None:
    with start("--port", "0") as process:
        assert first_line(process).startswith("http://127.0.0.1:")
        process.terminate()
        assert process.wait(120) == 0


def test_a_request_that_hangs_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    (tmp_path / "faults.yaml").write_text("- {kind: delay, seconds: 600}\n")
    with start("--port", "0", "--faults", str(tmp_path / "faults.yaml")) as process:
        host, port = first_line(process).removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as hanging:
            hanging.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
            process.terminate()
            assert process.wait(120) == 0


def test_it_ends_with_whoever_started_it() -> None:
    with start("--port", "0", "--until-stdin-closes") as process:
        first_line(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(120) == 0


def test_an_empty_key_is_refused_before_anything_listens() -> None:
    with pytest.raises(ConfigInvalid, match="leave it out to take any key"):
        serve("127.0.0.1", 0, "", None)

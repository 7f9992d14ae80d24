"""`sandbox` as a process: where it says it is, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from greenflash_kafka.sandbox.running import Sandbox, SandboxFailed, sandbox_process


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


def test_json_says_the_page_and_the_api() -> None:
    with start("--port", "0", "--json") as process:
        said = json.loads(first_line(process))
        assert said["base_url"] == f"{said['url']}/api/v1"
        process.terminate()


def test_it_ends_with_whoever_started_it() -> None:
    with start("--port", "0", "--until-stdin-closes") as process:
        first_line(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(120) == 0


@pytest.mark.parametrize(
    ("script", "words"),
    [("- {kind: boom}\n", "faults.yaml:1: fault 1: unknown kind 'boom'"), (None, "faults.yaml can't be read")],
)
def test_a_script_that_cannot_be_used_is_wrong_usage(tmp_path: Path, script: str | None, words: str) -> None:
    if script is not None:
        (tmp_path / "faults.yaml").write_text(script)
    with start("--port", "0", "--faults", str(tmp_path / "faults.yaml")) as process:
        said = process.communicate(timeout=120)
    assert process.returncode == 2
    assert words in said[1]


def test_a_port_that_is_taken_is_wrong_usage_and_says_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with start("--port", str(taken.getsockname()[1])) as process:
            said = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "--port 0" in said[1]


def test_as_a_process_it_has_faults_and_a_key_of_its_own() -> None:
    with sandbox_process(api_key="k", faults=[{"kind": "reset"}]) as sandbox:
        assert sandbox.stats()["stored"] == 0
        with pytest.raises(SandboxFailed, match="did you mean 'reset'"):
            sandbox.set_faults([{"kind": "resett"}])


def test_a_sandbox_that_is_not_there_is_said() -> None:
    with socket.socket() as nobody:
        # Bound and not listening: nobody else comes to the port of one that has just ended, and answers.
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(SandboxFailed, match="doesn't answer"):
            Sandbox(f"http://127.0.0.1:{nobody.getsockname()[1]}").stats()

"""`sandbox` on the command line; how it runs and ends is in sandbox/test_serve.py."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run


def test_json_says_the_page_and_the_api() -> None:
    command = [sys.executable, "-m", "greenflash_kafka", "sandbox", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["base_url"] == f"{said['url']}/api/v1"
        process.terminate()


@pytest.mark.parametrize(
    ("script", "words"),
    [("- {kind: boom}\n", "faults.yaml:1:4: fault 1: unknown kind 'boom'"), (None, "faults.yaml can't be read")],
)
def test_a_script_that_cannot_be_used_is_wrong_usage(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], script: str | None, words: str
) -> None:
    if script is not None:
        (tmp_path / "faults.yaml").write_text(script)
    assert run(["sandbox", "--port", "0", "--faults", str(tmp_path / "faults.yaml")]) == 2
    assert words in capfd.readouterr().err


def test_a_port_that_is_taken_is_wrong_usage_and_says_what_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run(["sandbox", "--port", str(taken.getsockname()[1])]) == 2
    assert "--port 0" in capfd.readouterr().err

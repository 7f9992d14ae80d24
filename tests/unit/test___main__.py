"""The program as it is started."""

from __future__ import annotations

import subprocess
import sys

import pytest

from greenflash_kafka import __main__


def test_its_exit_code_is_the_commands() -> None:
    for arguments, code in ((["--help"], 0), (["no-such-verb"], 2)):
        done = subprocess.run([sys.executable, "-m", "greenflash_kafka", *arguments], capture_output=True, check=False)
        assert done.returncode == code


def test_the_console_script_does_the_same(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["greenflash-kafka", "lint", "/no/such/file.yaml"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 2
    assert "/no/such/file.yaml" in capfd.readouterr().err


def test_without_standard_output_it_still_ends_with_its_own_code() -> None:
    command = 'exec "$0" -m greenflash_kafka lint /no/such/file.yaml 1>&-'
    done = subprocess.run(["sh", "-c", command, sys.executable], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr

"""A limit of the system that a run would die of is named at its start; what else lacks memory names the limits, too."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from greenflash_kafka import system_limits
from greenflash_kafka.cli import main
from greenflash_kafka.errors import SystemLimit

MB = 1_000_000


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't bound the address space")
@pytest.mark.parametrize("megabytes", [256, 614, 1000])
def test_a_run_with_too_little_address_space_ends_at_its_start_with_the_limit(tmp_path: Path, megabytes: int) -> None:
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": "dead"}
    done = subprocess.run(
        [sys.executable, "-m", "greenflash_kafka", "run"],
        env={**os.environ, **environ, "GREENFLASH_API_KEY": "k"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (megabytes * MB, megabytes * MB)),
    )
    assert done.returncode == 1
    assert f"limited to {megabytes:,} MB (ulimit -v)" in done.stderr
    assert "1,500 MB" in done.stderr
    assert "fault of greenflash-kafka" not in done.stderr


def test_a_system_that_gives_too_few_threads_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = threading.Thread.start, iter(range(5))

    def five(thread: threading.Thread) -> None:
        if next(started, None) is None:
            raise RuntimeError("can't start new thread")
        start(thread)

    before = threading.active_count()
    monkeypatch.setattr(threading.Thread, "start", five)
    with pytest.raises(SystemLimit, match="no more than 5 further threads"):
        system_limits.check()
    assert threading.active_count() == before


def test_a_system_that_gives_enough_is_left_alone() -> None:
    before = threading.active_count()
    system_limits.check()
    assert threading.active_count() == before


def test_no_memory_later_is_no_fault_of_ours_either(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def gone(**_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(main.group, "main", gone)
    assert main.run(["lint"]) == 1
    said = capfd.readouterr().err
    assert "gave no more memory" in said
    assert "this process used" in said

"""The limit of open files against `delivery.in_flight`: raised where it may be, refused where not."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest


def run(deployment: Any, limit: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`greenflash-kafka` under this ulimit."""
    command = ["bash", "-c", f'ulimit {limit}; exec "$0" -m greenflash_kafka "$@"', sys.executable, *arguments]
    environ = {**os.environ, **deployment.environ()}
    return subprocess.run(command, env=environ, cwd=deployment.folder, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("limit", [20, 30, 64])
def test_a_hard_limit_that_is_too_low_ends_it_with_2(deployment: Any, limit: int) -> None:
    deployment.topics(1)
    ended = run(deployment, f"-n {limit}", "run", "--until-idle", "1")
    assert ended.returncode == 2
    assert "delivery.in_flight 128 needs 177 file descriptors" in ended.stderr
    assert f"this process may have {limit} (RLIMIT_NOFILE)" in ended.stderr
    assert "LimitNOFILE=177" in ended.stderr


def test_a_soft_limit_that_is_too_low_is_raised(deployment: Any) -> None:
    deployment.topics(1)
    deployment.kafka.produce(deployment.topic, deployment.orders(500))
    ended = run(deployment, "-Sn 64", "run", "--until-idle", "1")
    assert ended.returncode == 0, ended.stderr
    assert len(deployment.stored()) == 500


def test_doctor_says_the_same(deployment: Any) -> None:
    deployment.topics(1)
    ended = run(deployment, "-n 64", "doctor")
    assert ended.returncode == 1
    assert "FAILED   file descriptors: delivery.in_flight 128 needs 177 file descriptors" in ended.stdout
    assert "LimitNOFILE=177" in ended.stdout

"""Prometheus' own tool, which checks rules, runs their tests, and looks at metrics."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

from tests.maven import CACHE

TOOLS = CACHE / "tools"


def promtool(*arguments: str, text: str | None = None) -> str:
    """What it writes; fails when it finds something wrong."""
    run = subprocess.run([_found(), *arguments], input=text, capture_output=True, text=True, check=False)
    said = run.stdout + run.stderr
    assert run.returncode == 0, said
    return said


def _found() -> str:
    """The one that is installed, else Debian's, unpacked into `.cache/tools` and installed nowhere."""
    installed = shutil.which("promtool")
    if installed:
        return installed
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "prometheus.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unpacked = TOOLS / "prometheus"
        if not (unpacked / "complete").exists():
            _fetch(unpacked)
    return str(unpacked / "usr/bin/promtool")


def _fetch(unpacked: Path) -> None:
    package = unpacked / "package"
    shutil.rmtree(unpacked, ignore_errors=True)
    package.mkdir(parents=True)
    hint = "promtool isn't here: install Prometheus, or run this on Debian or Ubuntu, where apt-get can download it"
    try:
        for verb in (["download", "prometheus"], ["update"], ["download", "prometheus"]):
            subprocess.run(["apt-get", *verb], cwd=package, capture_output=True, check=False)
            if any(package.glob("*.deb")):
                break
        (file,) = package.glob("*.deb")
    except (OSError, ValueError):
        raise AssertionError(hint) from None
    subprocess.run(["dpkg", "-x", str(file), str(unpacked)], check=True)
    shutil.rmtree(package)
    (unpacked / "complete").touch()

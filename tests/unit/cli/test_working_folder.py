"""The folder in which a command runs: modules of the user's own that are called as ours, or as our libraries, are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("greenflash-kafka")
THEIRS = "this is the user's own module"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A started project, with a module for each name that Python might find here instead of ours."""
    run("init", "metrics", cwd=tmp_path)
    made = tmp_path / "metrics"
    for name in ("consumer", "greenflash", "pycurl", "click", "confluent_kafka"):
        (made / name).mkdir()
        (made / name / "__init__.py").write_text(f"raise SystemExit({THEIRS!r})\n")
    return made


def run(*arguments: str, cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("KAFKA_", "GREENFLASH_"))}
    done = subprocess.run(
        [COMMAND, *arguments], cwd=cwd, input=stdin, capture_output=True, text=True, timeout=170, env=environ
    )
    assert THEIRS not in done.stdout + done.stderr
    return done


def test_commands_that_need_no_broker(folder: Path) -> None:
    assert run("--help", cwd=folder).returncode == 0
    assert run("lint", cwd=folder).returncode == 0
    assert run("test", cwd=folder).returncode == 0
    assert run("try", "--rules", "mappings", cwd=folder, stdin="{}").returncode == 0
    assert run("run", cwd=folder).returncode == 2, "it lacks its variables, and says so"
    assert run("doctor", cwd=folder).returncode == 1


def test_the_demo_and_the_sandbox_that_it_starts(folder: Path) -> None:
    done = run("demo", "--events", "200", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["lag"] == 0

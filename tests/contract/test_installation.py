"""The basis of an installation: the locks, and the contents of the container image."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9_.-]*)==([^ \\;]+)", (ROOT / lock).read_text(), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[\w.-]+", each) for each in requirements)
    return {re.sub(r"[-_.]+", "-", name[0].lower()) for name in found if name}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_registry_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text.split("\n", 2)[2])
    assert len(entries) == len(pinned(lock))
    assert not [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert "://" not in text
    assert "index-url" not in text


def test_tests_run_with_the_versions_that_users_get() -> None:
    runtime, development = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert runtime.items() <= development.items()


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    assert names(asked) <= pinned("requirements.lock").keys()
    assert names(project["project"]["optional-dependencies"]["dev"]) <= pinned("requirements-dev.lock").keys()


def test_the_image_gets_what_it_copies() -> None:
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name
        for line in re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        for name in line.split()
    }
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)


def test_a_wheel_has_everything_that_the_commands_read(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("consumer", "mappings", "presets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    build = "import sys, setuptools.build_meta as build; build.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, tmp_path], cwd=source, check=True, capture_output=True, timeout=500)
    (wheel,) = tmp_path.glob("*.whl")
    there = set(zipfile.ZipFile(wheel).namelist())
    package = source / "consumer" / "greenflash_kafka"
    wanted = {str(file.relative_to(package.parent)) for file in package.rglob("*.*") if file.is_file()}
    wanted |= {f"greenflash_kafka/demo/{file.relative_to(source)}" for file in (source / "mappings").rglob("*.*")}
    presets = source / "presets"
    wanted |= {f"greenflash_kafka/cli/shipped_presets/{file.relative_to(presets)}" for file in presets.rglob("*.*")}
    assert wanted - there == set()

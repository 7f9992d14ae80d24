"""Rules of a git revision, as they were."""

from __future__ import annotations

import subprocess
from pathlib import Path

import click
import pytest

from greenflash_kafka.cli.rule_sets import rule_paths


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo/mappings").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    _git("init", "-q", "-b", "main")
    for text in ("one", "two"):
        Path("mappings/x.yaml").write_text(text)
        _git("add", ".")
        _git("commit", "-qm", text)
    Path("mappings/x.yaml").write_text("three")
    return tmp_path / "repo"


def _git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], check=True, capture_output=True)


def _texts(name: str | None) -> tuple[str, list[str]]:
    with rule_paths(name, lambda: [Path("mappings")]) as (called, paths):
        return called, [(path / "x.yaml").read_text() for path in paths]


@pytest.mark.usefixtures("repository")
def test_a_revision_and_the_working_folder() -> None:
    assert _texts(None) == ("working folder", ["three"])
    assert _texts("HEAD")[1] == ["two"]
    assert _texts("HEAD~1")[1] == ["one"]
    called, _ = _texts("main")
    assert called.startswith("main (")


def test_a_path_comes_before_a_revision(repository: Path) -> None:
    (repository / "main").mkdir()
    (repository / "main/x.yaml").write_text("a folder")
    assert _texts("main") == ("main", ["a folder"])


@pytest.mark.parametrize("name", ["nothing", "--help", "HEAD~9", "$(touch x)"])
def test_a_name_that_is_neither(repository: Path, name: str) -> None:
    with pytest.raises(click.UsageError, match="no file or folder, and no git revision"), rule_paths(name, list):
        pass
    assert not (repository / "x").exists()


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(click.UsageError, match="this is no git repository"), rule_paths("HEAD", list):
        pass


def test_what_the_revision_does_not_have(repository: Path) -> None:
    (repository / "other").mkdir()
    with pytest.raises(click.UsageError, match="git has no other in"), rule_paths("HEAD", lambda: [Path("other")]):
        pass

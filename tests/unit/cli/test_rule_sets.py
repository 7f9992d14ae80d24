"""Rules of a git revision, as they were, whatever the work tree has."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from greenflash_kafka.cli.rule_sets import rule_files, ruleset
from greenflash_kafka.errors import MappingsInvalid
from greenflash_kafka.mappings.workspace import Workspace
from tests.unit.cli.git_repository import RULES, git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "repo/mappings").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repo")
    git("init", "-q", "-b", "main")
    for text in ("one", "two"):
        Path("mappings/x.yaml").write_text(text)
        git("add", ".")
        git("commit", "-qm", text)
    Path("mappings/x.yaml").write_text("three")
    return tmp_path / "repo"


def _texts(name: str | None) -> tuple[str, list[str]]:
    files = rule_files(name, lambda: [Path("mappings")])
    return files.name, [files.tree.read(path / "x.yaml").decode() for path in files.paths]


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
    with pytest.raises(click.UsageError, match="no file or folder, and no git revision"):
        rule_files(name, list)
    assert not (repository / "x").exists()


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(click.UsageError, match="this is no git repository"):
        rule_files("HEAD", list)


def test_what_the_revision_does_not_have(repository: Path) -> None:
    (repository / "other").mkdir()
    with pytest.raises(click.UsageError, match="git has no other in"):
        rule_files("HEAD", lambda: [Path("other")])


@pytest.mark.usefixtures("repository")
def test_what_is_wrong_in_a_revision_is_told_at_its_own_file_and_line() -> None:
    wrong = RULES.replace("when: {type: paid}", "wen: {type: paid}")
    Path("mappings/x.yaml").write_text(wrong)
    git("commit", "-aqm", "wrong")
    Path("mappings/x.yaml").write_text("# a line more\n" + RULES)
    with pytest.raises(MappingsInvalid) as told:
        ruleset(rule_files("HEAD", lambda: [Path("mappings")]), {})
    line = wrong.splitlines().index("    wen: {type: paid}") + 1
    assert f"mappings/x.yaml:{line}:5" in str(told.value)
    assert f"{line} |     wen: {{type: paid}}" in str(told.value), "the revision's line, not the work tree's"


@pytest.mark.usefixtures("repository")
def test_what_both_sides_have_alike_is_compiled_once() -> None:
    for name in ("a", "b", "c", "x"):
        Path(f"mappings/{name}.yaml").write_text(RULES.replace("orders", name))
    git("add", ".")
    git("commit", "-qm", "four")
    Path("mappings/b.yaml").write_text(RULES.replace("orders", "b").replace("paid", "bought"))
    Path("mappings/a0.yaml").write_text(RULES.replace("orders", "new"))
    workspace = Workspace()
    old = ruleset(rule_files("HEAD", lambda: [Path("mappings")]), {}, workspace)
    assert workspace.known.compiled == 4
    new = ruleset(rule_files(None, lambda: [Path("mappings")]), {}, workspace)
    assert workspace.known.compiled == 6, "the one that changed, and the new one, though others now come after it"
    assert {topic for topic in new.topics if old.digest_of(topic) != new.digest_of(topic)} == {"b", "new"}

"""Files of a git revision as bytes: links, submodules, line ends, and what lies outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cli.git_tree import NotInGit, git_tree, revision_of
from greenflash_kafka.documents.bytes_tree import BytesTree
from tests.unit.cli.git_repository import git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repo"
    (root / "rules/mappings/deep").mkdir(parents=True)
    monkeypatch.chdir(root)
    git("init", "-q", "-b", "main")
    for name in ("x.yaml", "deep/y.yaml", "deep/table.csv", ".hidden.yaml", "naïve name.yaml"):
        (root / "rules/mappings" / name).write_text(name)
    (root / "rules/events.yaml").write_text("events: {}")
    (root / "rules/other.yaml").write_text("not asked for")
    return root


def _tree(*paths: str) -> BytesTree:
    git("add", "-A", ":/")
    git("commit", "--allow-empty", "-qm", "x")
    revision = revision_of("HEAD")
    assert revision is not None
    return git_tree(revision, [Path(path) for path in paths], ["events.yaml"])


def _below(tree: BytesTree, folder: str) -> list[str]:
    return [each.as_posix() for each in tree.below(Path(folder), (".yaml",))]


@pytest.mark.usefixtures("repository")
def test_what_is_asked_for_is_there_and_nothing_else() -> None:
    tree = _tree("rules/mappings")
    here = "rules/mappings"
    assert _below(tree, here) == [f"{here}/deep/y.yaml", f"{here}/naïve name.yaml", f"{here}/x.yaml"]
    assert tree.read(Path(here, "deep/table.csv")) == b"deep/table.csv"
    assert tree.read(Path("rules/events.yaml")) == b"events: {}", "it belongs to the rules, though it is above them"
    assert not tree.is_file(Path("rules/other.yaml"))


def test_paths_are_those_of_the_folder_one_is_in(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in ("rules/mappings", str(repository / "rules/mappings"), "rules/../rules/mappings/"):
        assert len(_below(_tree(path), path)) == 3
    monkeypatch.chdir(repository / "rules/mappings/deep")
    assert _below(_tree(".."), "..") == ["../deep/y.yaml", "../naïve name.yaml", "../x.yaml"]


@pytest.mark.usefixtures("repository")
def test_of_a_file_all_beside_it_is_there() -> None:
    tree = _tree("rules/mappings/deep/y.yaml")
    assert tree.read(Path("rules/mappings/deep/table.csv")) == b"deep/table.csv"
    assert not tree.is_file(Path("rules/mappings/x.yaml"))


def test_links_lead_where_they_led_in_the_revision(repository: Path) -> None:
    (repository / "shared").mkdir()
    (repository / "shared/z.yaml").write_text("then")
    (repository / "rules/mappings/z.yaml").symlink_to("../../shared/z.yaml")
    (repository / "linked").symlink_to("rules/mappings")
    tree = _tree("linked")
    (repository / "shared/z.yaml").write_text("now")
    (repository / "linked").unlink()
    assert tree.read(Path("linked/z.yaml")) == b"then"
    assert tree.real(Path("linked/z.yaml")) == repository.resolve() / "shared/z.yaml"
    assert "linked/z.yaml" in _below(tree, "linked")


@pytest.mark.parametrize("target", ["/etc/hostname", "../../../outside.yaml", "../../../../../../../etc/hostname"])
def test_a_link_out_of_the_repository_is_refused(repository: Path, target: str) -> None:
    (repository.parent / "outside.yaml").write_text("outside")
    (repository / "rules/mappings/out.yaml").symlink_to(target)
    with pytest.raises(NotInGit, match=r"rules/mappings/out\.yaml is a link in \w+ that leads out of the repository"):
        _tree("rules/mappings")


def test_links_in_circles_are_refused(repository: Path) -> None:
    (repository / "rules/mappings/a.yaml").symlink_to("b.yaml")
    (repository / "rules/mappings/b.yaml").symlink_to("a.yaml")
    with pytest.raises(NotInGit, match="is a link"):
        _tree("rules/mappings")


def test_a_submodule_is_named(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    git("init", "-q", "-b", "main")
    Path("s.yaml").write_text("s")
    git("add", ".")
    git("commit", "-qm", "s")
    monkeypatch.chdir(repository)
    git("submodule", "--quiet", "add", str(tmp_path / "other"), "rules/mappings/shared")
    with pytest.raises(NotInGit, match="rules/mappings/shared is a submodule in"):
        _tree("rules/mappings")
    with pytest.raises(NotInGit, match="rules/mappings/shared is a submodule in"):
        _tree("rules/mappings/shared")
    with pytest.raises(NotInGit, match=r"git has no rules/mappings/shared/s\.yaml in"):
        _tree("rules/mappings/shared/s.yaml")


@pytest.mark.usefixtures("repository")
def test_a_path_outside_of_the_repository() -> None:
    with pytest.raises(NotInGit, match="lies outside of the git repository"):
        _tree("..")


@pytest.mark.usefixtures("repository")
def test_line_ends_are_those_of_a_checkout() -> None:
    Path(".gitattributes").write_text("*.yaml text eol=crlf\n")
    Path("rules/mappings/a.yaml").write_bytes(b"a\r\nb\r\n")
    Path("rules/mappings/b.yaml").write_bytes(b"\r\n")
    Path("rules/mappings/c.yaml").write_bytes(b"")
    tree = _tree("rules/mappings")
    assert [tree.read(Path(f"rules/mappings/{name}.yaml")) for name in "abc"] == [b"a\r\nb\r\n", b"\r\n", b""]

"""Files in memory are as the same files on disk are; nothing outside of them is read."""

from __future__ import annotations

import pickle
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.documents.bytes_tree import BytesTree
from greenflash_kafka.documents.file_tree import DISK
from tests.unit.documents.tree_answers import FILES, LINKS, answers, write


@settings(max_examples=25)
@given(files=FILES, links=st.dictionaries(st.sampled_from(sorted(LINKS)), st.none()))
def test_a_tree_in_memory_answers_as_the_disk(files: dict[str, bytes], links: dict[str, None]) -> None:
    chosen = {path: LINKS[path] for path in links}
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write(root, files, chosen)
        assert answers(BytesTree(root, files, chosen), root) == answers(DISK, root)


def test_another_process_has_the_same(tmp_path: Path) -> None:
    tree = BytesTree(tmp_path, {"a/x.yaml": b"x"}, {"l.yaml": "a/x.yaml"})
    assert answers(pickle.loads(pickle.dumps(tree)), tmp_path) == answers(tree, tmp_path)


def test_paths_are_those_of_the_folder_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path.resolve() / "r"
    (root / "a").mkdir(parents=True)
    tree = BytesTree(root, {"a/x.yaml": b"x"})
    for here, path in (
        (root, "a/x.yaml"),
        (root / "a", "../a/x.yaml"),
        (tmp_path, "r/a/x.yaml"),
        (root, "../r/a/x.yaml"),
    ):
        monkeypatch.chdir(here)
        assert tree.read(Path(path)) == b"x"


@pytest.mark.parametrize("target", ["/etc/hostname", "../../x", "../../../../../../etc/hostname"])
def test_nothing_outside_of_the_root_is_read(tmp_path: Path, target: str) -> None:
    tree = BytesTree(tmp_path, {"a/x": b""}, {"a/link": target})
    assert not tree.is_file(tmp_path / "a/link")
    with pytest.raises(OSError, match="outside of the files"):
        tree.real(tmp_path / "a/link")
    with pytest.raises(OSError, match="outside of the files"):
        tree.read(tmp_path / ".." / "x")


def test_links_in_circles_are_no_files(tmp_path: Path) -> None:
    tree = BytesTree(tmp_path, {}, {"a": "b", "b": "a", "c": "c/d"})
    for name in "abc":
        assert not tree.is_file(tmp_path / name)
        with pytest.raises(OSError, match=r"(?i)symbolic links"):
            tree.read(tmp_path / name)

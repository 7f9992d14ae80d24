"""Edited files are as they will be on disk once they are saved."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.documents.bytes_tree import BytesTree
from greenflash_kafka.documents.edited_tree import EditedTree
from greenflash_kafka.documents.file_tree import DISK
from tests.unit.documents.tree_answers import CONTENT, FILES, PATHS, answers, write


@settings(max_examples=25)
@given(files=FILES, edits=st.dictionaries(st.sampled_from(PATHS), st.none() | CONTENT, max_size=6))
def test_an_edited_tree_answers_as_the_disk_once_it_is_saved(
    files: dict[str, bytes], edits: dict[str, bytes | None]
) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        write(root, files, {})
        edited = {root / path: content for path, content in edits.items()}
        before = [answers(EditedTree(tree, edited), root) for tree in (DISK, BytesTree(root, files))]
        write(root, {path: content for path, content in edits.items() if content is not None}, {})
        for path in (path for path, content in edits.items() if content is None):
            (root / path).unlink(missing_ok=True)
        saved = answers(DISK, root)
        assert before[0] == saved
        # A folder that has become empty is there on disk.
        files_alone = {asked for asked in saved if asked.startswith(("file", "content", "below"))}
        assert {asked: before[1][asked] for asked in files_alone} == {asked: saved[asked] for asked in files_alone}


def test_a_link_that_is_edited_is_the_file_that_it_leads_to(tmp_path: Path) -> None:
    write(tmp_path, {"a/x.yaml": b"1"}, {"l.yaml": "a/x.yaml"})
    tree = EditedTree(DISK, {tmp_path / "l.yaml": b"2"})
    assert (tree.read(tmp_path / "l.yaml"), tree.read(tmp_path / "a/x.yaml")) == (b"2", b"2")

"""What was asked of a tree, and whether it would be answered so again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from greenflash_kafka.documents.asked_tree import AskedTree, same_answers
from greenflash_kafka.documents.bytes_tree import BytesTree
from greenflash_kafka.documents.file_tree import DISK


def test_answers_that_differ_are_noticed(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / "t.csv").write_bytes(b"1")
    asked = AskedTree(DISK)
    asked.read(root / "t.csv")
    with pytest.raises(FileNotFoundError):
        asked.read(root / "gone.csv")
    asked.names(root)
    assert same_answers(asked.answers, DISK)
    assert same_answers(asked.answers, BytesTree(root, {"t.csv": b"1"}))
    assert not same_answers(asked.answers, BytesTree(root, {"t.csv": b"2"}))
    assert not same_answers(asked.answers, BytesTree(root, {"t.csv": b"1", "u.csv": b"1"}))
    os.rename(root / "t.csv", root / "gone.csv")
    assert not same_answers(asked.answers, DISK)

"""The file of a process's table."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.linking import table_file
from greenflash_kafka.linking.table_file import claim, default_directory, file_system, temporary


def test_each_process_has_a_file_of_its_own_and_takes_up_one_that_is_free(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "anew"
    first, second = claim(folder, "cluster", "group"), claim(folder, "cluster", "group")
    assert first.path != second.path
    assert first.path.parent == folder
    first.release()
    assert claim(folder, "cluster", "group").path == first.path


def test_other_groups_and_clusters_have_other_files(tmp_path: Path) -> None:
    files = [claim(tmp_path, *names) for names in (("c", "g"), ("c", "h"), ("d", "g"))]
    assert len({each.path for each in files}) == 3


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigInvalid, match=rf"linking\.directory {tmp_path}/file can't be used: .* set linking"):
        claim(tmp_path / "file", "c", "g")
    monkeypatch.setattr(table_file, "file_system", lambda _: "nfs4")
    with pytest.raises(ConfigInvalid, match=r"is on a network file system \(nfs4\)"):
        claim(tmp_path, "c", "g")


def test_a_temporary_file_is_gone_with_its_folder() -> None:
    file = temporary()
    file.path.write_bytes(b"x")
    file.release()
    assert not file.path.parent.exists()


def test_the_folder_is_the_platforms(tmp_path: Path) -> None:
    assert default_directory({"XDG_CACHE_HOME": "/cache"}) == Path("/cache/greenflash-kafka")
    assert default_directory({"HOME": str(tmp_path)}).is_relative_to(tmp_path)
    assert default_directory({"HOME": "/nowhere"}).name == "greenflash-kafka"
    assert file_system(Path("/proc")) in ("proc", "")

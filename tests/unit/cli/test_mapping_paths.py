"""The mapping files that are meant where none are named."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.cli.mapping_paths import mapping_paths


def test_what_is_named_counts_and_else_the_folder_mappings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    assert mapping_paths([]) == [Path("mappings")]
    assert mapping_paths([Path("a.yaml"), Path("b")]) == [Path("a.yaml"), Path("b")]


def test_without_either_the_way_to_begin_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.UsageError, match="greenflash-kafka init"):
        mapping_paths([])


def test_there_must_be_something_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["lint"]) == 2
    assert run(["test"]) == 2
    assert run(["lint", "nothing.yaml"]) == 2
    assert run(["lint", str(tmp_path)]) == 1

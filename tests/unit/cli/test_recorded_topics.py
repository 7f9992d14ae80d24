"""`record` copies a recording as it copies topics; what it couldn't finish is told from what it could."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    header = RecordingHeader(1, "c", {"shop": "t"}, (OffsetRange("shop", 0, 0, 20),))
    writer = RecordingWriter(tmp_path / "all.ndjson", header)
    writer.write([Message("shop", 0, number, 1_000 + number, None, b"{}") for number in range(20)])
    writer.close()
    return tmp_path


def test_a_window_is_taken(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "shop", "--from", "all.ndjson", "--last", "5", "--out", "few.ndjson"]) == 0
    assert "few.ndjson: 5 messages." in capfd.readouterr().out
    lines = (folder / "few.ndjson").read_text().splitlines()
    assert json.loads(lines[-1]) == {"end": 5}


def test_that_there_is_nothing_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "shop", "--from", "all.ndjson", "--since", "1d", "--out", "none.ndjson"]) == 0
    assert "no messages in this window" in capfd.readouterr().err


def test_one_that_was_ended_early_is_never_taken_for_a_whole_one(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = (folder / "all.ndjson").read_bytes()
    (folder / "cut.ndjson").write_bytes(content[: content.index(b'"offset":15')])
    assert run(["record", "shop", "--from", "cut.ndjson", "--out", "copy.ndjson"]) == 2
    said = capfd.readouterr().err
    assert "copy.ndjson isn't complete" in said
    assert "cut.ndjson:17: the recording is cut here" in said
    assert run(["record", "shop", "--from", "copy.ndjson", "--out", "again.ndjson"]) == 2
    assert "the recording is cut here" in capfd.readouterr().err


def test_a_file_that_can_not_be_written_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "shop", "--from", "all.ndjson", "--out", "no/folder.ndjson"]) == 2
    assert "no/folder.ndjson can't be written: No such file or directory" in capfd.readouterr().err
    assert run(["record", "shop", "--from", "all.ndjson", "--out", "all.ndjson"]) == 2
    assert "all.ndjson exists: name a new file" in capfd.readouterr().err

"""`coverage` says what is wrong with what it was told before it reads anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter
from tests.unit.coverage.shop import RULES


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--fail-on", "new"], "add --baseline FILE"),
        (["--fail-on", "all"], "'all' is none of new, drift, unmatched"),
        (["--baseline", "empty.json"], "--baseline empty.json is no report of `coverage --json`"),
        (["--from", "none.ndjson", "rules"], "none.ndjson"),
        (["--topic", "tt", "rules"], "--topic tt: no rule reads it"),
        (["--workers", "0"], "'0' is neither a number of processes from 1 on nor auto"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "rules").mkdir()
    text = "version: 1\nsource: {topics: [t]}\nconversations:\n- {name: c, id: = payload.i, keys: {a: = payload.a}}\n"
    (tmp_path / "rules" / "c.yaml").write_text(text)
    assert run(["coverage", *arguments]) == 2
    assert said in capfd.readouterr().err


@pytest.mark.parametrize(("flags", "code"), [([], 0), (["--fail-on", "unmatched"], 1)])
def test_of_a_topic_that_can_not_be_read_nothing_is_said_to_be_well(
    flags: list[str],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(RULES.replace("topics: [shop]", "topics: [shop, kiosk]"))
    header = RecordingHeader(1, "-", {}, (OffsetRange("kiosk", 0, 0, 1),))
    RecordingWriter(tmp_path / "week.ndjson", header).close()
    assert run(["coverage", "shop.yaml", "--from", "week.ndjson", *flags]) == code
    said = capfd.readouterr()
    assert "NOT READ: the topic shop isn't in the recording" in said.out
    assert "Not known: 1 topic can't be read" in said.out
    assert ("--fail-on: not known, the topic shop isn't in the recording" in said.err) is bool(flags)

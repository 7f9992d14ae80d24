"""`coverage` says what is wrong with what it was told before it reads anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run


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

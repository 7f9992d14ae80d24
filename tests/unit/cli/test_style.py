"""Marks in colour: at a terminal, and where FORCE_COLOR asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.cli.style import mark

RULES = """\
version: 1
source: {topics: [shop.orders]}
rules:
  - name: paid
    when: {type: paid}
    event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: neutral, value: x}
"""
CASES = """\
version: 1
message: {payload: {type: paid}}
event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: neutral, insert_id: record}
cases:
  - {name: other value, expect: [{value: y, value_type: text}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/a.yaml").write_text(RULES)
    (tmp_path / "mappings/a_test.yaml").write_text(CASES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


def test_a_mark_is_plain_where_nobody_looks(folder: Path) -> None:
    del folder
    assert mark("FAILED", "failed") == "FAILED"


@pytest.mark.parametrize("verb", ["test", "doctor"])
def test_results_are_in_colour_if_that_is_asked_for(
    verb: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    del folder
    assert run([verb]) == 1
    assert "\x1b" not in capfd.readouterr().out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run([verb]) == 1
    assert "\x1b[31m" in capfd.readouterr().out


def test_a_findings_severity_is_in_colour(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "mappings/a.yaml").write_text(RULES + "nonsense: 1\n")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run(["lint"]) == 1
    assert "\x1b[31merror\x1b[0m unknown-key" in capfd.readouterr().out


def test_what_programs_read_has_no_colours(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "mappings/a.yaml").write_text(RULES + "nonsense: 1\n")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run(["lint", "--format", "github"]) == 1
    assert "\x1b" not in capfd.readouterr().out

"""docs/recipes.md: its files load without a finding, its cases pass, and each rule has cases on both sides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run

PAGE = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`(mappings/\S+)`:\n\n```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's files, and the command line in it."""
    monkeypatch.delenv("GREENFLASH_PRODUCT_ID", raising=False)
    (tmp_path / "mappings").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_block_of_rules_is_a_file() -> None:
    assert len(FILES) == PAGE.count("```yaml") == 10


@pytest.mark.usefixtures("folder")
def test_the_recipes_have_no_findings(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--strict"]) == 0
    assert capfd.readouterr().out == "No findings.\n"


@pytest.mark.usefixtures("folder")
def test_the_cases_of_the_recipes_pass(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["test", "--strict"]) == 0, capfd.readouterr()

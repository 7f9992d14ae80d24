"""`test` as people use it."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run


def test_a_failing_case_shows_place_and_difference(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["test"]) == 1
    said = capfd.readouterr().out
    assert "mappings/a_test.yaml:7:5: failed: bad <one>" in said
    assert '    -  value: "y"\n    +  value: "x"\n' in said
    assert said.endswith("1 passed, 1 failed in 1 file.\n")
    assert run(["test", str(folder), "-k", "GOOD"]) == 0
    assert capfd.readouterr().out == "1 passed in 1 file.\n"
    assert run(["test", "-k", "no such"]) == 1
    assert capfd.readouterr().out.startswith("No cases were run: no case or sample in mappings has a name that holds")


def test_mapping_files_without_cases_are_mentioned(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "b.yaml").write_text((folder / "a.yaml").read_text().replace("name: paid", "name: other"))
    run(["test", "-k", "good"])
    assert "mappings/b.yaml: no cases\n" in capfd.readouterr().out

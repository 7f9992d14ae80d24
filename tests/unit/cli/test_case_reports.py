"""Results of cases for programs and CI servers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from greenflash_kafka.cli.main import run


def test_results_for_programs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(folder), "--format", "json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert (said["passed"], said["failed"], said["findings"], said["without_cases"]) == (1, 1, [], [])
    assert [(each["name"], each["passed"], each["line"]) for each in said["cases"]] == [
        ("Good", True, 6),
        ("bad <one>", False, 7),
    ]


def test_results_for_ci_servers(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "b.yaml").write_text("version: 1\n")
    (folder / "b_test.yaml").write_text((folder / "a_test.yaml").read_text())
    assert run(["test", "--format", "junit"]) == 1
    suite = ElementTree.fromstring(capfd.readouterr().out).find("testsuite")
    assert suite is not None
    failures = [case.get("name") for case in suite if case.find("failure") is not None]
    errors = [case.get("classname") for case in suite if case.find("error") is not None]
    assert failures == ["bad <one>"]
    assert errors
    assert set(errors) <= {"mappings/b.yaml", "mappings/b_test.yaml"}
    assert suite.get("tests") == str(2 + len(errors))
    assert suite.get("failures") == "1"

"""`doctor` for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder whose configuration lacks everything but its mapping files."""
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "GREENFLASH_API_KEY", "GREENFLASH_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "mappings").mkdir()
    return tmp_path


@pytest.mark.usefixtures("here")
def test_what_is_wrong_stands_before_what_to_do_and_ends_it_with_1(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor"]) == 1
    lines = capfd.readouterr().out.splitlines()
    at = next(number for number, line in enumerate(lines) if "kafka.bootstrap_servers is not set" in line)
    assert "configuration: " in lines[at]
    assert lines[at + 1].strip().startswith("set the variable KAFKA_BOOTSTRAP_SERVERS")


@pytest.mark.usefixtures("here")
def test_programs_get_the_same_as_a_list(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["doctor", "--json"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert {tuple(each) for each in found} == {("name", "status", "said", "todo")}
    assert {each["status"] for each in found} >= {"failed", "skipped"}


def test_the_config_file_is_the_one_that_is_named(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (here / "prod.yaml").write_text("kafka: {gruop: x}\n")
    assert run(["doctor", "--config", "prod.yaml"]) == 1
    assert "prod.yaml:1:9: kafka.gruop is no key" in capfd.readouterr().out

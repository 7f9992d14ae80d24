"""The flags of `run`, and a configuration that it can't begin with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run


@pytest.fixture(autouse=True)
def _nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "GREENFLASH_API_KEY", "GREENFLASH_API_KEY_FILE", "GREENFLASH_KAFKA_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_everything_that_is_missing_is_told_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["run"]) == 2
    said = capfd.readouterr().err
    for key in ("kafka.bootstrap_servers", "dead_letter.topic", "greenflash.api_key"):
        assert f"{key} is not set" in said


def test_a_dry_run_needs_brokers_alone(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["run", "--dry-run"]) == 2
    said = capfd.readouterr().err
    assert "kafka.bootstrap_servers is not set" in said
    assert "1 problem)" in said


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--from", "soon"], "--from: bad-value: --from is 'soon'"),
        (["--until-idle", "0"], "--until-idle: bad-value: --until-idle"),
        (["--dead-letter-topic", "a b"], "--dead-letter-topic: bad-value: --dead-letter-topic"),
        (["--group", ""], "--group: bad-value: --group"),
        (["--until-idle", "x"], "--until-idle"),
        (["--to", "soon"], "--to: bad-value: --to is 'soon'"),
        (["--limit", "0"], "--limit: bad-value: --limit"),
        (["--config", "none.yaml"], "none.yaml"),
    ],
)
def test_a_flag_that_can_not_be_meant_is_named(
    flags: list[str], said: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    assert run(["run", "--dry-run", *flags]) == 2
    assert said in capfd.readouterr().err


def test_the_bounds_of_a_dry_run_belong_to_a_dry_run(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", "GREENFLASH_API_KEY": "k"}.items():
        monkeypatch.setenv(name, value)
    for flags in (["--to", "now"], ["--limit", "5"]):
        assert run(["run", "--dead-letter-topic", "dead", *flags]) == 2
        assert "add --dry-run" in capfd.readouterr().err


def test_a_wrong_configuration_waits_for_no_client() -> None:
    code = (
        "import sys; from greenflash_kafka.cli.main import run; code = run(['run']);"
        "print(code, [m for m in ('confluent_kafka', 'pycurl', 'greenflash') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 []"

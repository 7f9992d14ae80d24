"""`conversations pull`, as far as no broker is needed."""

from __future__ import annotations

import pytest

from greenflash_kafka.cli.main import run


def test_the_verb_is_there_and_says_what_it_does(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["conversations", "--help"]) == 0
    assert "  pull " in capfd.readouterr().out
    assert run(["conversations", "pull", "--help"]) == 0
    said = capfd.readouterr().out
    assert "[default: 30s]" in said
    assert "--since" in said


@pytest.mark.parametrize("arguments", [["--every", "30"], ["--every", "0s"], ["--rate", "0"], ["--since", "soon"]])
def test_what_is_no_time_and_no_rate_is_wrong_usage(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["conversations", "pull", "--topic", "t", *arguments]) == 2
    assert arguments[0] in capfd.readouterr().err


def test_the_topic_must_be_named(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["conversations", "pull"]) == 2
    assert "--topic" in capfd.readouterr().err


def test_a_missing_key_is_said_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.delenv("GREENFLASH_API_KEY", raising=False)
    assert run(["conversations", "pull", "--topic", "t"]) == 2
    assert "greenflash.api_key is not set" in capfd.readouterr().err

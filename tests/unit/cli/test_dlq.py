"""The verbs of `dlq`, as far as no broker is needed."""

from __future__ import annotations

import pytest

from greenflash_kafka.cli.main import run


def test_each_verb_is_there_and_says_what_it_does(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["dlq", "--help"]) == 0
    said = capfd.readouterr().out
    for verb in ("list", "show", "replay"):
        assert f"  {verb} " in said
        assert run(["dlq", verb, "--help"]) == 0
        assert "--dead-letter-topic" in capfd.readouterr().out


def test_a_word_that_is_no_verb_is_wrong_usage(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["dlq", "lsit"]) == 2
    assert "there is no command 'lsit'. Did you mean 'list'?" in capfd.readouterr().err

"""Errors on the command line: their words and the exit codes that scripts and unit files go by."""

from __future__ import annotations

import click
import pytest

from greenflash_kafka import errors
from greenflash_kafka.cli import lazy_verbs, main
from greenflash_kafka.errors import GreenflashKafkaError

KINDS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GreenflashKafkaError)]
WRONG_USAGE = {errors.ConfigInvalid, errors.TooManyTopics, errors.RecordingInvalid}
OURS = {errors.GreenflashKafkaError, errors.SourceFailed, errors.ClientLost, errors.AskedToStop}


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_ends_the_command_with_its_words_alone_and_a_code_that_says_who_can_help(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kind: type[GreenflashKafkaError]
) -> None:
    @click.command()
    def fails() -> None:
        raise kind("the topic 'a' doesn't exist. Create it")

    monkeypatch.setattr(lazy_verbs.LazyVerbs, "get_command", lambda *_: fails)
    # 2: a correction alone helps, so a supervisor need not start it again. 1: what is outside. 3: we can't go on.
    assert main.run(["run"]) == (2 if kind in WRONG_USAGE else 3 if kind in OURS else 1)
    assert capfd.readouterr().err == "greenflash-kafka: the topic 'a' doesn't exist. Create it\n"

"""Progress is one line, for people at a terminal alone."""

from __future__ import annotations

import io

import pytest

from greenflash_kafka.cli.progress_line import ProgressLine


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "said"), [(_Terminal(), "\r10 of 12\r2 left  \n"), (io.StringIO(), "")])
def test_a_line_is_written_over_and_ended(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, said: str) -> None:
    monkeypatch.setattr("sys.stderr", stream)
    with ProgressLine() as progress:
        progress.say("10 of 12")
        progress.say("2 left")
    assert stream.getvalue() == said


def test_what_an_error_says_begins_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with pytest.raises(KeyboardInterrupt):
        _interrupted()
    assert stream.getvalue() == "\r1\n"
    with ProgressLine():
        pass
    assert stream.getvalue() == "\r1\n", "where nothing was said, no line ends"


def _interrupted() -> None:
    with ProgressLine() as progress:
        progress.say("1")
        raise KeyboardInterrupt

from __future__ import annotations

import io

import pytest

from greenflash_kafka.terminal import coloured, is_terminal, takes_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "expected"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_colours_are_for_terminals_unless_the_environment_says_otherwise(
    stream: io.StringIO, environ: dict[str, str], expected: bool
) -> None:
    assert takes_colour(stream, environ) is expected


def test_a_closed_stream_is_no_terminal() -> None:
    stream = io.StringIO()
    stream.close()
    assert not is_terminal(stream)


def test_what_has_no_colour_stays_as_it_is() -> None:
    assert coloured("FAILED", "failed") == "\x1b[31mFAILED\x1b[0m"
    assert coloured("text", "of no kind") == "text"

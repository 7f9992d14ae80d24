"""Times as people write them, and what is said of those that are none."""

from __future__ import annotations

import pytest

from greenflash_kafka.cli.main import run


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        (["--since", "yesterday"], "'yesterday' is neither so long ago (7d, 36h, 90m) nor a time"),
        (["--since", "yesterday"], "; write 1d"),
        (["--since", "7x"], "'7x' is neither so long ago"),
        (["--since", "2999-01-01"], "lies in the future"),
        (["--since", "1d", "--until", "2d"], "--until isn't after --since"),
        (["--last", "0"], "0 is not in the range x>=1"),
    ],
)
def test_what_is_no_window_is_said(flag: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["peek", "shop", "--from", "none.ndjson", *flag]) == 2
    assert said in capfd.readouterr().err

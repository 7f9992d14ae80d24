"""`dlq list`, as far as no broker is needed."""

from __future__ import annotations

import pytest

from greenflash_kafka.cli.main import run


@pytest.mark.parametrize("time", ["soon", "2026-13-01", "1795000000"])
def test_what_is_no_time_is_wrong_usage_with_the_forms_that_are(time: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["dlq", "list", "--since", time]) == 2
    said = capfd.readouterr().err
    assert time in said
    assert "%Y-%m-%d" in said

"""`lint --explain CODE`."""

from __future__ import annotations

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.documents.codes import CODES


def test_a_code_is_explained_with_a_wrong_and_a_right_example(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--explain", "near-event-type"]) == 0
    said = capfd.readouterr().out
    assert said.startswith("near-event-type (warning)")
    assert "wrong:\n  event_type: upgrade_purchase\n\nright:\n  event_type: upgrade_purchased" in said


def test_an_unknown_code_is_answered_with_the_nearest(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--explain", "near-event-typ"]) == 2
    assert "did you mean near-event-type?" in capfd.readouterr().err


@pytest.mark.parametrize("code", CODES)
def test_every_code_says_something_of_its_own(code: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--explain", code]) == 0
    assert "The message says why" not in capfd.readouterr().out

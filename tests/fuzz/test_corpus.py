"""The corpus is replayed: what once was a finding, and what reaches the corners; then a little that is new."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.__main__ import CORPUS, changed
from tests.fuzz.targets import TARGETS, run

KNOWN = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", KNOWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_known_holds(path: Path) -> None:
    run(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_few_changes_hold_too(name: str) -> None:
    """The same changes each time, so that a red run can be repeated; `make fuzz` is for new ones."""
    chance = random.Random(name)
    known = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    for _ in range(20):
        data = changed(chance, known)
        try:
            run(name, data)
        except Exception as error:
            raise AssertionError(f"{name} fails on {data!r}") from error


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in KNOWN} == set(TARGETS)

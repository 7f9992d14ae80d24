"""The analysts' page, taken apart: its examples, its commands, its cheat sheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

README = Path(__file__).parents[3] / "mappings" / "README.md"
_FENCE = re.compile(r"^```(\w+)(?: title=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, the file name it stands for (or None), its text and its line in the page."""

    language: str
    title: str | None
    text: str
    line: int


@pytest.fixture(scope="session")
def page() -> str:
    """The page's text."""
    return README.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def blocks(page: str) -> list[Block]:
    """All fenced blocks, in order."""
    return [
        Block(match[1], match[2], match[3], page.count("\n", 0, match.start()) + 1) for match in _FENCE.finditer(page)
    ]

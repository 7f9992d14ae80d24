"""The analysts' page, taken apart: its examples, its commands, its cheat sheet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

README = Path(__file__).parents[3] / "mappings" / "README.md"
_FENCE = re.compile(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, the file's name that stands above it (or None), its text and its line."""

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
        Block(match[2], match[1], match[3], page.count("\n", 0, match.start()) + 1) for match in _FENCE.finditer(page)
    ]

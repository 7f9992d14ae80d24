"""Numbers with their words, for texts that people read: 1 event, 2 events."""

from __future__ import annotations


def counted(count: int, one: str, many: str = "") -> str:
    """A number, thousands apart, and its words: those of one, or those of `many` (without them `one` and an s)."""
    return f"{count:,} {in_number(count, one, many)}"


def in_number(count: int, one: str, many: str = "") -> str:
    """The words alone."""
    return one if count == 1 else many or f"{one}s"

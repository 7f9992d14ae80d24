"""Shapes of ids: their lengths and kinds, without any of them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

LONGEST_MASK: Final = 24
"""Characters of an id whose kinds are shown."""


def shapes(ids: Collection[str]) -> str:
    """Lengths, what most of these ids (at least one) are made of, and one of them with each character replaced by its
    kind."""
    lengths = [len(each) for each in ids]
    low, high = min(lengths), max(lengths)
    long = f"{low} characters" if low == high else f"{low} to {high} characters"
    kinds: dict[str, int] = {}
    for each in ids:
        kind = _kind(each)
        kinds[kind] = kinds.get(kind, 0) + 1
    most = max(kinds, key=lambda kind: kinds[kind])
    example = min(ids, key=lambda each: (_kind(each) != most, len(each), each))
    return f"{long}, {most}, like {mask(example)}"


def _kind(value: str) -> str:
    if value != value.strip():
        return "with spaces around them"
    if _UUID.fullmatch(value):
        return "UUIDs"
    if "@" in value:
        return "e-mail addresses"
    if value.isdecimal():
        return "digits"
    if value.isalpha():
        return "letters"
    return "letters and digits" if any(each.isdigit() for each in value) else "letters and signs"


def mask(value: str) -> str:
    """The id with A for each capital, a for each other letter and 9 for each digit; signs stay."""
    short = "".join(
        "9" if each.isdigit() else "A" if each.isupper() else "a" if each.isalpha() else each if each.isascii() else "?"
        for each in value[:LONGEST_MASK]
    )
    return f"`{short}`" + ("..." if len(value) > LONGEST_MASK else "")

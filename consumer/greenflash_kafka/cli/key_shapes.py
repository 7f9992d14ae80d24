"""Comparison of the ids of outcomes with the ids of conversations, without showing any: how many are the same, and how
the others differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from greenflash_kafka.cases.link_reasons import PREFIX

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

LONGEST_MASK: Final = 24
"""Characters of an id whose kinds are shown."""

_CHANGES: Final[Mapping[str, Callable[[str], str]]] = {
    "upper and lower case are the same": str.casefold,
    "spaces around them are taken away": str.strip,
    "a prefix like `cus_` or `user:` is taken away": lambda value: PREFIX.sub("", value),
    "leading zeros are taken away": lambda value: value.lstrip("0"),
}
"""What would have to be done to both sides, in words."""


def matching(outcomes: Collection[str], conversations: Collection[str]) -> int:
    """How many of the outcomes' ids have a conversation."""
    return len(set(outcomes) & set(conversations))


def would_match(outcomes: Collection[str], conversations: Collection[str]) -> dict[str, int]:
    """How many of the outcomes' ids would have a conversation after each change, in words."""
    return {
        what: sum(change(each) in theirs for each in outcomes)
        for what, change in _CHANGES.items()
        for theirs in ({change(each) for each in conversations},)
    }


def differences(outcomes: Collection[str], conversations: Collection[str]) -> list[str]:
    """How the ids of the two sides differ, in words; no id, and no part of one, is in them."""
    said = [
        f"{count} of {len(outcomes)} would match if {what}"
        for what, count in would_match(outcomes, conversations).items()
        if count
    ]
    one, other = _kinds(outcomes), _kinds(conversations)
    said.append(f"ids of outcomes: {one}; ids of conversations: {other}")
    return said


def _kinds(values: Collection[str]) -> str:
    """Lengths, what most of them are made of, and one of them with each character replaced by its kind."""
    lengths = [len(each) for each in values]
    low, high = min(lengths), max(lengths)
    long = f"{low} characters" if low == high else f"{low} to {high} characters"
    kinds: dict[str, int] = {}
    for each in values:
        kind = _kind(each)
        kinds[kind] = kinds.get(kind, 0) + 1
    most = max(kinds, key=lambda kind: kinds[kind])
    example = min(values, key=lambda each: (_kind(each) != most, len(each), each))
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

"""Errors of regular expressions in plain words, from the text that RE2 has for them."""

from __future__ import annotations

from typing import Final

_LOOK: Final = ("(?=", "(?!", "(?<=", "(?<!")
_KNOWN: Final = (
    ("bad repetition operator", "repetitions can't follow each other", "take one of them away: a+ instead of a++"),
    ("no argument for repetition", "`*`, `+` and `?` repeat what stands before them", "for any text write .*"),
    ("missing )", "a ( isn't closed", "close it, or write \\( for the character"),
    ("unexpected )", "a ) closes nothing", "take it away, or write \\) for the character"),
    ("missing ]", "a [ isn't closed", "close it, or write \\[ for the character"),
    ("invalid character class range", "a range in [ ] runs backwards", "write the - last: [a-z_-]"),
    ("trailing \\", "the last \\ stands before nothing", "write \\\\ for the character"),
)


def pattern_error(pattern: str, why: str) -> tuple[str, str | None]:
    """Return message and hint for a pattern that RE2 refuses; `why` is its own text."""
    if any(sign in pattern for sign in _LOOK):
        said = "RE2 has no look-ahead and no look-behind, (?=...), (?!...), (?<=...), (?<!...)"
        return said, "test the two parts in two conditions: what must match, and below `none` what must not"
    if "invalid escape sequence" in why:
        escape = why.rpartition(": ")[2]
        if escape[1:2].isdigit():
            return f"RE2 has no back references, {escape}", "write out what it stands for"
        return f"RE2 has no escape {escape}", f"write {escape[1:]} for the character itself"
    for words, said, hint in _KNOWN:
        if words in why:
            return said, hint
    return f"RE2 can't read it: {why}", None

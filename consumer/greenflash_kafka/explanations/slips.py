"""Slips of the pen: two words that differ by letters that are swapped, doubled, left out or mistaken."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Final

_WORDS: Final = re.compile(r"[\W_]+")
_MOST: Final = 3
"""Letters of both words together that the other doesn't have: `payed` and `paid`."""


def is_slip(written: str, found: str) -> bool:
    """Whether a text is another one with one word misspelled. Words with digits are names of their own (`line1`)."""
    if written == found or abs(len(written) - len(found)) > 2 or len(written) > 200:
        return False
    words, others = _WORDS.split(written), _WORDS.split(found)
    differ = [pair for pair in zip(words, others, strict=False) if pair[0] != pair[1]]
    if len(words) != len(others) or len(differ) != 1:
        return False
    one, other = differ[0]
    if len(one) < 3 or one[0] != other[:1] or any(each.isdigit() for each in one + other):
        return False
    same = sum(block.size for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks())
    return len(one) + len(other) - 2 * same <= (_MOST if len(one) > 3 else 1)

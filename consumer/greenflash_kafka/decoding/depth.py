"""Nesting depth of a JSON text, counted in its bytes: this is several times cheaper than decoding it."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.model import payload as values
from greenflash_kafka.model.payload import MAX_DEPTH

_OBJECT: Final = 5
"""Bytes that an object takes at least that holds another value: `{"":` and `}`."""

_ROUNDS: Final = 16
"""Levels taken off a text one by one; each costs a copy, and real messages have fewer."""

_BRACKETS: Final = bytes.maketrans(b"[]", b"{}")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b'[]{}"'))
_TEXT: Final = re.compile(rb'"[^"]*"')


def too_deep(value: bytes, payload: object) -> bool:
    """Whether containers nest more than MAX_DEPTH levels; `value` was decoded before, to `payload`, so it is JSON."""
    return may_be_too_deep(value) and values.too_deep(payload)


def may_be_too_deep(value: bytes) -> bool:
    """The same from the text of some JSON alone; true also when that doesn't tell."""
    size = len(value)
    lists = size - len(value.replace(b"[", b"", MAX_DEPTH + 1))
    if lists + size // _OBJECT < MAX_DEPTH:
        return False
    # Counting by replacing: `count` looks at every byte by itself, this only stops where there is one.
    if lists + size - len(value.replace(b"{", b"", MAX_DEPTH + 1)) <= MAX_DEPTH:
        return False
    return _nests_deeper(_skeleton(value))


def _skeleton(value: bytes) -> bytes:
    """The brackets alone, all of them curly, without those that stand in texts."""
    if b"\\" in value:
        # A quote after an odd number of backslashes is none.
        value = value.replace(b"\\\\", b"").replace(b'\\"', b"")
    # Without what is between them most quotes stand in pairs, whatever they open or close: an even number of quotes
    # in a row leaves what follows inside a text, or outside of one, as it was.
    brackets = value.translate(_BRACKETS, _NO_BRACKETS).replace(b'""', b"")
    return _TEXT.sub(b"", brackets) if b'"' in brackets else brackets


def _nests_deeper(brackets: bytes) -> bool:
    """Take off the innermost level, again and again, until there can't be more left than is allowed."""
    for level in range(_ROUNDS):
        if len(brackets) // 2 <= MAX_DEPTH - level:
            return False
        brackets = brackets.replace(b"{}", b"")
    return True

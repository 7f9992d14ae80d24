"""Events of a rule that have another owner now: whether it is one of all that had several, or none."""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import msgspec

_SEVERAL: Final = "several"

LEAST_SHARED: Final = 3
"""Events that must have one id together before it is said: two may well be the same one's."""


class OwnerMoves(msgspec.Struct):
    """`old` and `new` are digests of the id that all events have had so far, and have now; "several" if they differ, ""
    for none."""

    count: int = 0
    old: str = ""
    new: str = ""

    def move(self, old: str | None, new: str) -> None:
        """Count an event."""
        self.add(OwnerMoves(1, "" if old is None else _digest(old), _digest(new)))

    def add(self, other: OwnerMoves) -> None:
        """Count what another has counted, of the same kind: all had an id, or none."""
        if not other.count:
            return
        self.old = other.old if not self.count or self.old == other.old else _SEVERAL
        self.new = other.new if not self.count or self.new == other.new else _SEVERAL
        self.count += other.count

    @property
    def shared(self) -> bool:
        """Whether events that were nobody's, or different ones', have one id together now."""
        return self.count >= LEAST_SHARED and self.new != _SEVERAL and self.old in ("", _SEVERAL)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

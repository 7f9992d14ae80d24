"""Shares of events that have a conversation, beside the share that they would have by chance."""

from __future__ import annotations

from typing import Final

import msgspec

HOUR_MS: Final = 3_600_000
LOOKBACKS: Final = {"1h": HOUR_MS, "24h": 24 * HOUR_MS, "7d": 7 * 24 * HOUR_MS, "30d": 30 * 24 * HOUR_MS}

LEAST: Final = 1.5
"""A linked share that isn't so many times that by chance says little about cause and effect."""


class LinkShare(msgspec.Struct, frozen=True):
    """Events of a rule for one lookback: those asked about, those with a conversation, and those that would have one
    if they had happened at another time."""

    rule: str
    lookback: str
    events: int
    linked: int
    by_chance: int

    @property
    def weak(self) -> bool:
        """Whether the share is less than LEAST times that by chance."""
        return self.linked < LEAST * self.by_chance

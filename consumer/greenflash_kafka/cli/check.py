"""The result of one check of `doctor`."""

from __future__ import annotations

from typing import Literal

import msgspec

from greenflash_kafka.errors import GreenflashKafkaError

SECONDS = 10.0
"""How long one question may take."""


class Check(msgspec.Struct, frozen=True):
    """One thing looked at. `todo` says what to do when it isn't ok; warning: `run` works, but somebody should look at
    it; skipped: it couldn't be looked at."""

    name: str
    status: Literal["ok", "warning", "failed", "skipped"]
    said: str
    todo: str = ""


def failed(name: str, error: GreenflashKafkaError) -> Check:
    """What an error says, as a check."""
    said, _, todo = str(error).partition(". ")
    return Check(name, "failed", said, todo)

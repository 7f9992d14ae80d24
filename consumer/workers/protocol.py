"""What a supervisor and its workers say to each other, over a pair of sockets."""

from __future__ import annotations

import msgspec

from consumer.instrumentation.health import Trouble
from consumer.model.rest import Rest
from consumer.model.summary import Tally

Number = tuple[str, tuple[str, ...], float]
"""A metric's value: its name and labels as in the catalogue."""


class Beat(msgspec.Struct, tag=True, array_like=True):
    """A worker's loop turns; with everything that is to be known of it. `counts` begin with the process."""

    ruleset: str = ""
    troubles: list[Trouble] = []
    counts: list[Number] = []
    gauges: list[Number] = []
    tally: Tally = msgspec.field(default_factory=Tally)
    rest: Rest = Rest()


class Bye(msgspec.Struct, tag=True, array_like=True):
    """A worker's last words. `text` is empty when all is well; `passes`: what was wrong may pass by itself; `tally`:
    None when it couldn't be had, then that of the last beat counts."""

    code: int
    text: str = ""
    passes: bool = False
    tally: Tally | None = None
    counts: list[Number] = []


class Waiting(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Greenflash asked for so many seconds, counted from when this was sent."""

    seconds: float
    code: str


class Paused(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """Greenflash can't be sent anything, for a reason that holds for every worker."""

    code: str
    text: str


class Resumed(msgspec.Struct, tag=True, array_like=True, frozen=True):
    """An event was accepted after a pause."""


ToWorker = Waiting | Paused | Resumed
"""What a worker is told of the others."""

FromWorker = Beat | Bye | Waiting | Paused | Resumed
"""What a supervisor is told."""

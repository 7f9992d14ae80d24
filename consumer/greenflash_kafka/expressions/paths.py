"""Paths, and what they are under an envelope: a prefix of the paths of what is decoded.

Under `envelope: debezium` the path `payload.x` *is* `after.x` of the message, and `envelope.op` is `op`. So the rest of
the program sees ordinary paths, and there is no step at run time. Texts for people have paths as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from greenflash_kafka.model.topic_format import Envelope

Steps = tuple[str | int, ...]

_WORD: Final = re.compile(r"[^\W\d]\w*")


class Path(msgspec.Struct, frozen=True):
    """A path whose steps are all written out. `root` is one of `names.ROOTS` or a let's name; `steps` are object keys
    (`str`) and list positions (`int`, negative from the end). `bare`: the root `payload` was not written.
    """

    root: str
    steps: Steps = ()
    bare: bool = False

    def __str__(self) -> str:
        shown = "" if self.bare else self.root
        for step in self.steps:
            if isinstance(step, int):
                shown += f"[{step}]"
            elif _WORD.fullmatch(step):
                shown += f".{step}" if shown else step
            else:
                shown += '["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]'
        return shown


class EnvelopePaths(msgspec.Struct, frozen=True):
    """Where `payload` begins in what is decoded, and what lies around it: `envelope` is all of it. Without an envelope
    both are the same, and `envelope` is no name."""

    payload: tuple[str, ...] = ()

    def decoded(self, root: str, steps: Steps) -> tuple[str, Steps]:
        """The root and the steps of a path from `payload` or `envelope`, as they are in what is decoded; those of other
        roots as they are."""
        if root == "payload":
            return root, (*self.payload, *steps)
        return ("payload", steps) if root == "envelope" and self.payload else (root, steps)

    def written(self, steps: Steps, *, bare: bool = False) -> str:
        """Steps in what is decoded as a rule writes them; `bare`: without `payload`, where that may be left out."""
        own = len(self.payload)
        if steps[:own] == self.payload:
            return str(Path("payload", steps[own:], bare))
        return str(Path("envelope", steps))


NO_ENVELOPE: Final = EnvelopePaths()

ENVELOPES: Final[Mapping[Envelope, EnvelopePaths]] = MappingProxyType(
    {"none": NO_ENVELOPE, "debezium": EnvelopePaths(("after",)), "cloudevents": EnvelopePaths(("data",))}
)

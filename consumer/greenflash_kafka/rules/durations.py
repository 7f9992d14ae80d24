"""Lengths of time in mapping files: `30s`, `15m`, `24h`, `7d`, as whole milliseconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import ENV, Schema, describe, wrong
from greenflash_kafka.documents.yaml_nodes import Node, Scalar, UnreadableNode, place

_UNITS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000}
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")
_NEARLY: Final = re.compile(r"([0-9]+)(?:\.([0-9]))?\s*([A-Za-z]+)")
_LARGEST_UNIT: Final = {"w": ("d", 7), "d": ("d", 1), "h": ("h", 1), "m": ("m", 1), "s": ("s", 1)}
_NO_UNIT: Final = frozenset(("ms", "msec", "millis", "milliseconds", "mo", "mon", "month", "months"))
_SMALLER: Final = {"d": ("h", 24), "h": ("m", 60), "m": ("s", 60)}


def duration_text(milliseconds: int) -> str:
    """A length of time as a mapping file has it, in the largest unit that needs no fraction; `ms` below a second."""
    for unit, size in _UNITS.items():
        if milliseconds and milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms" if milliseconds else "0s"


@dataclass(frozen=True, slots=True)
class DurationType:
    """A number of seconds, minutes, hours or days, from `least` to `most` milliseconds."""

    least: int
    most: int
    example: str

    @property
    def words(self) -> str:
        """`a length of time like 24h`."""
        return f"a length of time like {self.example}"

    def read(self, node: Node, report: FileReport) -> int | None:
        """Milliseconds."""
        if isinstance(node, UnreadableNode):
            return None
        if not isinstance(node, Scalar):
            wrong(node, report, self.words)
            return None
        found = _DURATION.fullmatch(node.text)
        if found is None:
            said = f"{self.words} is expected here, not {describe(node)}"
            report.add(place(node), "bad-duration", said, self._hint(node.text))
            return None
        milliseconds = int(found[1]) * _UNITS[found[2]]
        if self.least <= milliseconds <= self.most:
            return milliseconds
        low, high = duration_text(self.least), duration_text(self.most)
        said = f"{node.text} isn't between {low} and {high}"
        report.add(place(node), "bad-duration", said, f"write {low if milliseconds < self.least else high}")
        return None

    def _hint(self, text: str) -> str:
        """The right way of writing what was probably meant."""
        if text.isdecimal():
            return f"say the unit: {', '.join(f'{text}{unit}' for unit in reversed(_UNITS))}"
        if text.startswith("="):
            return "an expression doesn't work here"
        if ENV.fullmatch(text):
            return "${NAME} works in `defaults` and in event fields only"
        near = _NEARLY.fullmatch(text.strip())
        known = _LARGEST_UNIT.get(near[3][0].lower()) if near is not None and near[3].lower() not in _NO_UNIT else None
        if near is None or known is None:
            return "a whole number and s, m, h or d"
        unit, times = known
        if near[2] is None:
            return f"write {int(near[1]) * times}{unit}"
        smaller, parts = _SMALLER.get(unit, ("", 0))
        tenths = (int(near[1]) * 10 + int(near[2])) * times * parts
        return f"write {tenths // 10}{smaller}" if smaller and tenths % 10 == 0 else "a whole number and s, m, h or d"

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", "pattern": "^[0-9]+[smhd]$"}

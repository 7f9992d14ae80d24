"""The topic that was probably meant by a name that no topic has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from greenflash_kafka.documents.did_you_mean import did_you_mean

MOST: Final = 2000
"""Topics among which it is looked for: the comparison takes some 10 us each, in the loop's turn."""


def near_topic(name: str, topics: Collection[str]) -> str:
    """`did you mean x?`; "" when none is near, and when there are too many topics to compare."""
    return did_you_mean(name, topics) if len(topics) <= MOST else ""

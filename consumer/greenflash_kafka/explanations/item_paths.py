"""Paths of a message inside a rule with `each`: what is in an item is written from `item` on."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.explanations.missing_paths import Show, follow, is_absent
from greenflash_kafka.expressions.paths import Path, Steps


def from_item(write: Show, payload: object, items: Sequence[object]) -> Show:
    """`write`, a writer of steps from the payload, for a rule that runs over these items of it; none if it has no
    `each`."""

    def written(way: Steps) -> str:
        within = in_item(payload, items, way)
        return write(way) if within is None else str(Path("item", within))

    return written if items else write


def in_item(payload: object, items: Sequence[object], way: Steps) -> Steps | None:
    """The steps from an item on; None for a way that leads through none of them."""
    value = payload
    for place, step in enumerate(way):
        if isinstance(value, dict | list) and any(value is each for each in items):
            return way[place:]
        value = follow(value, (step,))
        if is_absent(value):
            return None
    return None

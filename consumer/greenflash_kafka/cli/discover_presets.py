"""Recognition of presets: whether messages have the shape of a preset's samples."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Final

from greenflash_kafka.cli.preset_folder import shipped_presets

_LIKE: Final = 0.6
_KEYS: Final = 5
_LOOKED_AT: Final = 50
_GENERAL: Final = ("debezium", "cloudevents")
"""Presets of a tool that carries anybody's rows and events: their samples' fields are a shop's."""


def recognised_preset(payloads: Iterable[object]) -> str:
    """The name of the preset whose samples these payloads are like; "" if there is none."""
    votes: dict[str, int] = {}
    count = 0
    for payload, _ in zip(payloads, range(_LOOKED_AT), strict=False):
        count += 1
        keys = _keys(payload)
        best, like = "", _LIKE
        for name, shapes in _shapes().items():
            for shape in shapes:
                share = len(keys & shape) / len(keys | shape) if len(keys & shape) >= _KEYS else 0.0
                if share > like:
                    best, like = name, share
        if best:
            votes[best] = votes.get(best, 0) + 1
    if not votes:
        return ""
    best = max(sorted(votes), key=lambda name: votes[name])
    return best if votes[best] >= 0.5 * count else ""


@cache
def _shapes() -> dict[str, list[frozenset[str]]]:
    """The keys of each preset's samples."""
    return {
        name: [_keys(json.loads(path.read_bytes())) for path in sorted(preset.folder.glob("samples/*/*.json"))]
        for name, preset in shipped_presets().items()
        if not name.startswith(_GENERAL)
    }


def _keys(payload: object) -> frozenset[str]:
    """The keys of an object and of the objects in it; of a list those of its first element."""
    if isinstance(payload, list):
        payload = payload[0] if payload else None
    if not isinstance(payload, dict):
        return frozenset()
    found = set(payload)
    for name, value in payload.items():
        if isinstance(value, dict) and len(value) <= 12:
            found |= {f"{name}.{key}" for key in value}
    return frozenset(found)

"""API faults that change every few seconds, from a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from greenflash_kafka.sandbox.running import Sandbox

Faults = list[Mapping[str, Any]]

_MILD: dict[str, Faults] = {
    "503": [{"kind": "status", "status": 503, "rate": 0.05}],
    "500": [{"kind": "status", "status": 500, "rate": 0.03}],
    "429": [{"kind": "status", "status": 429, "retry_after": 0.3, "rate": 0.002}],
    "reset": [{"kind": "reset", "rate": 0.03}],
    "reply lost": [{"kind": "reply_lost", "rate": 0.05}],
    "half a reply": [{"kind": "reply_lost", "bytes": 30, "rate": 0.03}],
    "html": [{"kind": "html", "rate": 0.03}],
    "success: false": [{"kind": "not_success", "rate": 0.03}],
    "malformed": [{"kind": "malformed", "rate": 0.02}],
    "slow": [{"kind": "delay", "seconds": 0.4, "rate": 0.05}],
    "drip": [{"kind": "drip", "seconds": 0.5, "rate": 0.01}],
}
_STORMS: dict[str, Faults] = {
    "storm of 503": [{"kind": "status", "status": 503, "between": [0, 1.5]}],
    "storm of 429": [{"kind": "status", "status": 429, "retry_after": 1, "between": [0, 0.5]}],
    "storm of lost replies": [{"kind": "reply_lost", "rate": 0.7, "between": [0, 2]}],
    "everything is html": [{"kind": "html", "between": [0, 1]}],
    "everything is slow": [{"kind": "delay", "seconds": 0.6, "between": [0, 2]}],
    "key revoked for a moment": [{"kind": "revoked", "between": [0, 0.8]}],
}

CHANGES_AFTER = 4.0
"""Seconds of one weather."""

KEY_FILE_AFTER = 0.7
"""Seconds from a new key in the service to the new key in the file: so long every request is refused."""


class Weather:
    """Changes the sandbox's faults, and now and then its key; `turn` is called often and does what is due."""

    def __init__(self, sandbox: Sandbox, key_file: Path, seed: int) -> None:
        self._sandbox = sandbox
        self._key_file = key_file
        self._chance = Random(f"{seed} weather")
        self._next = 0.0
        self._new_key: tuple[float, str] | None = None
        self._keys = 0
        self.seen: Counter[str] = Counter()

    def turn(self, now: float) -> None:
        """`now` is monotonic."""
        if self._new_key is not None and now >= self._new_key[0]:
            self._write_key(self._new_key[1])
            self._new_key = None
        if now < self._next:
            return
        self._next = now + CHANGES_AFTER
        kinds = self._chance.sample(sorted(_MILD), self._chance.randrange(5))
        faults = [fault for each in kinds for fault in _MILD[each]]
        if self._chance.random() < 0.25:
            storm = self._chance.choice(sorted(_STORMS))
            kinds = [*kinds, storm]
            faults = [*_STORMS[storm], *faults]
        elif self._chance.random() < 0.15:
            self._rotate(now)
        self.seen.update(kinds or ["fine"])
        self._sandbox.set_faults({"seed": self._chance.randrange(1 << 30), "faults": faults})

    def clear(self) -> None:
        """No faults any more, and the key in the file is the right one."""
        self._sandbox.set_faults([])
        if self._new_key is not None:
            self._write_key(self._new_key[1])
            self._new_key = None

    def _rotate(self, now: float) -> None:
        if self._new_key is None:
            self._keys += 1
            key = f"chaos-key-{self._keys}"
            self._sandbox.rotate_key(key)
            self._new_key = (now + KEY_FILE_AFTER, key)
            self.seen["another key"] += 1

    def _write_key(self, key: str) -> None:
        # As Kubernetes does it: the file is there whole or not yet.
        new = self._key_file.with_suffix(".new")
        new.write_text(key)
        new.replace(self._key_file)

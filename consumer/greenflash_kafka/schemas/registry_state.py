"""The registry as operators see it: which notices say how it is. Decisions without a clock or a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from greenflash_kafka.model.schema import key_text
from greenflash_kafka.schemas.wanted import WITHOUT_REGISTRY, WantedKey

NOTICE_SECONDS: Final = 10.0
"""A registry that fails for so long is reported; one that refuses us at once."""


class StateChange(msgspec.Struct, frozen=True):
    """What is to be reported. `facts` are the notice's."""

    state: Literal["failing", "refused", "working"]
    facts: Mapping[str, object]


class RegistryState:
    """Reported states of the registry: none, failing, refused. `reason` is what was reported, "" while it works."""

    def __init__(self) -> None:
        self._reported = ""
        self.reason = ""

    def look(self, failing: WantedKey | None, answers: bool, now: float, url: str) -> StateChange | None:
        """The change to report now, if there is one. `failing`: the key that fails for longest, if messages wait for
        one; `answers`: the registry has just answered as it should."""
        if failing is None or failing.failing is None:
            return self._works(url) if answers else None
        verdict, seconds = failing.verdict, now - failing.failing
        if verdict is None or (verdict.meaning != "refused" and seconds < NOTICE_SECONDS):
            return None
        state: Literal["failing", "refused"] = "refused" if verdict.meaning == "refused" else "failing"
        if state == self._reported:
            return None
        self._reported = state
        self.reason = f"{url}: {_text(failing)}"
        facts: dict[str, object] = {
            "url": url,
            "code": verdict.code,
            "text": _text(failing),
            "schema": key_text(failing.key),
        }
        return StateChange(state, facts)

    def _works(self, url: str) -> StateChange | None:
        if not self._reported:
            return None
        self._reported = self.reason = ""
        return StateChange("working", {"url": url})


def _text(wanted: WantedKey) -> str:
    assert wanted.verdict is not None
    if wanted.verdict.meaning == "unknown":
        return (
            "it knows none of the ids that messages carry: is it the registry of their producers, and is there a "
            f"schema's id in these messages at all? If they are JSON, {WITHOUT_REGISTRY}"
        )
    return wanted.verdict.text

"""The registry as operators see it: which notices say how it is. Decisions without a clock or a network."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.model.schema import key_text
from greenflash_kafka.schemas.wanted import WantedKey

NOTICE_SECONDS: Final = 10.0
"""A registry that fails for so long is reported; one that refuses us at once."""

StateNotice = tuple[str, dict[str, object]]
"""A notice's name, and its facts."""


class RegistryState:
    """Reported states of the registry: none, failing, refused. `reason` is what was reported, "" while it works."""

    def __init__(self) -> None:
        self._reported = ""
        self.reason = ""

    def look(self, failing: WantedKey | None, answers: bool, now: float, url: str) -> list[StateNotice]:
        """The notices to give now. `failing`: the key that fails for longest, if messages wait for one; `answers`: the
        registry has just answered as it should."""
        if failing is None or failing.failing is None:
            return self._works(url) if answers else []
        verdict, seconds = failing.verdict, now - failing.failing
        if verdict is None or (verdict.meaning != "refused" and seconds < NOTICE_SECONDS):
            return []
        name = "schema_registry_refused" if verdict.meaning == "refused" else "schema_registry_failing"
        if name == self._reported:
            return []
        self._reported = name
        self.reason = f"{url}: {_text(failing)}"
        facts: dict[str, object] = {
            "url": url,
            "code": verdict.code,
            "text": _text(failing),
            "schema": key_text(failing.key),
        }
        return [(name, facts)]

    def _works(self, url: str) -> list[StateNotice]:
        if not self._reported:
            return []
        self._reported = self.reason = ""
        return [("schema_registry_working", {"url": url})]


def _text(wanted: WantedKey) -> str:
    assert wanted.verdict is not None
    if wanted.verdict.meaning == "unknown":
        return (
            "it knows none of the ids that messages carry: is it the registry of their producers, and is there a "
            "schema's id in these messages at all?"
        )
    return wanted.verdict.text

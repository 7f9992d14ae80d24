"""The notices of pauses: each pause and its end once, and those of one kind at most once a minute."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from greenflash_kafka.delivery.response_table import Verdict

Notice = tuple[str, dict[str, object]]
"""A notice of the catalogue: its name and its facts."""

NOTICE_SECONDS: Final = 60.0
"""Seconds between two notices about pauses of one kind: a service that fails and recovers each second must not fill the
log."""


class PauseNotices:
    """`kind` of a pause: `outage`, or the code of the verdict. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._kind = ""
        self._reason: Verdict | None = None
        self._reported: set[str] = set()
        self._silent_until: dict[str, float] = {}
        self._unreported: dict[str, int] = {}

    @property
    def due(self) -> Collection[float]:
        """The times at which `tick` may have something to report."""
        return self._silent_until.values()

    def paused(self, kind: str, reason: Verdict, began: bool, now: float) -> Notice | None:
        """Report a pause that began, or goes on for another reason."""
        self._kind, self._reason = kind, reason
        if kind in self._reported:
            return None
        if kind not in self._silent_until:
            return self._report(kind, reason, now)
        if began:
            self._unreported[kind] += 1
        return None

    def resumed(self) -> Notice | None:
        """Report the end of the pause if it was reported itself."""
        reason, self._reason, self._kind = self._reason, None, ""
        reported = bool(self._reported)
        self._reported.clear()
        return ("delivery_resumed", {"code": reason.code}) if reported and reason is not None else None

    def tick(self, now: float) -> list[Notice]:
        """Report what was left out, once a minute."""
        notices: list[Notice] = []
        for kind in [kind for kind, until in self._silent_until.items() if until <= now]:
            pauses = self._unreported.pop(kind)
            del self._silent_until[kind]
            if self._kind == kind and self._reason is not None and kind not in self._reported:
                notices.append(self._report(kind, self._reason, now, pauses=pauses))
            elif pauses:
                facts = {"code": kind, "pauses": pauses, "seconds": round(NOTICE_SECONDS)}
                notices.append(("delivery_unsteady", facts))
                self._be_silent(kind, now)
        return notices

    def _report(self, kind: str, reason: Verdict, now: float, **more: object) -> Notice:
        self._reported.add(kind)
        self._be_silent(kind, now)
        return "delivery_paused", {"code": reason.code, "text": reason.text, **more}

    def _be_silent(self, kind: str, now: float) -> None:
        self._silent_until[kind], self._unreported[kind] = now + NOTICE_SECONDS, 0

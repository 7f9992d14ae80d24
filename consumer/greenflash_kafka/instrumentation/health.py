"""Liveness and readiness of this process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from greenflash_kafka.instrumentation.catalogue import METRIC, NOTICE
from greenflash_kafka.instrumentation.listener import Quiet

LIVE_SECONDS = 150.0
"""Without an iteration of the loop for so long, it hangs: longer than any wait that the loop allows itself."""

_Condition = tuple[str, str]
_STARTING: _Condition = ("starting", "")


class OpenCondition(NamedTuple):
    """A condition that makes the process not ready. `about` names the partition or topic, if it concerns one. `value`
    is the gauge's, if it counts seconds: `seconds` is the time since the condition opened."""

    name: str
    about: str
    seconds: float
    value: float | None = None


class _Open(NamedTuple):
    since: float
    until: float | None
    value: float | None = None


class Health(Quiet):
    """live: the loop iterates. ready: it works, and nothing that needs an operator keeps events from being sent.

    Which notices open and close a condition, and which gauges are one, stands in the catalogue. `starting` is open
    until the group has said which partitions are this process's, be it none.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._beat: float | None = None
        self._open: dict[_Condition, _Open] = {_STARTING: _Open(monotonic(), None)}

    def beat(self) -> None:
        """Note an iteration of the loop."""
        self._beat = self._monotonic()

    def notice(self, name: str, **facts: object) -> None:
        """Open or close the condition of this notice."""
        known = NOTICE.get(name)
        if known is None:
            return
        about = "/".join(str(facts[each]) for each in ("topic", "partition") if each in facts)
        if known.closes:
            for key in [key for key in self._open if key[0] == known.closes and about in ("", key[1])]:
                del self._open[key]
        if known.opens:
            now = self._monotonic()
            earlier = self._current().get((known.opens, about))
            self._open[known.opens, about] = _Open(
                earlier.since if earlier else now, None if known.lasts is None else now + known.lasts
            )

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Open the condition of a gauge that is above its limit; close it when the gauge is set to less."""
        known = METRIC[metric]
        limit = known.unready_above
        if limit is None:
            return
        key = (metric, "/".join(labels))
        if not value > limit:  # NaN included: a gauge that is taken away
            self._open.pop(key, None)
            return
        since = self._open[key].since if key in self._open else self._monotonic()
        self._open[key] = _Open(since, None, value if known.unit == "seconds" else None)

    @property
    def started(self) -> bool:
        """True once `starting` is over."""
        return _STARTING not in self._current()

    def live(self) -> bool:
        """False when the loop has not iterated for LIVE_SECONDS. A process that is still starting is alive."""
        return self._beat is None or self._monotonic() - self._beat < LIVE_SECONDS

    def conditions(self) -> list[OpenCondition]:
        """The conditions that make the process not ready, oldest first; empty when it is ready. Safe on another
        thread."""
        now = self._monotonic()
        found = [OpenCondition(*key, now - each.since, value=each.value) for key, each in self._current().items()]
        return sorted(found, key=lambda condition: -condition.seconds)

    def _current(self) -> dict[_Condition, _Open]:
        now = self._monotonic()
        # dict.copy() is one step under the interpreter lock: the server's thread reads while the loop's writes.
        return {key: each for key, each in self._open.copy().items() if each.until is None or now < each.until}

"""Fan-out of notices and metrics to several listeners, and a base for listeners that need only part of them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from greenflash_kafka.ports import Listener


class Quiet:
    """A `ports.Listener` that does nothing: a base for listeners of notices or metrics alone."""

    def notice(self, name: str, **facts: object) -> None:
        """Nothing."""

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        """Nothing."""

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Nothing."""

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        """Nothing."""


class Listeners:
    """Several listeners as one. Exceptions of a listener are caught here: observing must never stop the pipeline.

    `count` is on the path of every message, so those who don't count (they inherit `Quiet.count`) aren't called.
    """

    def __init__(self, *listeners: Listener) -> None:
        self._notices = tuple(each.notice for each in listeners)
        self._counts = tuple(each.count for each in listeners if type(each).count is not Quiet.count)
        self._gauges = tuple(each.gauge for each in listeners if type(each).gauge is not Quiet.gauge)
        self._histograms = tuple(each.observe for each in listeners if type(each).observe is not Quiet.observe)

    def notice(self, name: str, **facts: object) -> None:
        """Pass a notice on."""
        for emit in self._notices:
            with contextlib.suppress(Exception):
                emit(name, **facts)

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        """Add to a counter."""
        for emit in self._counts:
            try:  # noqa: SIM105 - contextlib.suppress would cost more than the counting
                emit(metric, amount, labels)
            except Exception:
                pass

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Set a gauge."""
        for emit in self._gauges:
            with contextlib.suppress(Exception):
                emit(metric, value, labels)

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        """Add to a histogram."""
        for emit in self._histograms:
            with contextlib.suppress(Exception):
                emit(metric, counts, total, labels)

"""Counters and gauges in Prometheus' text format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import isnan

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from greenflash_kafka.instrumentation.catalogue import METRICS, PREFIX, Metric
from greenflash_kafka.instrumentation.listener import Quiet

Key = tuple[str, tuple[str, ...]]
"""A metric's name and the values of its labels, in the catalogue's order."""


class Metrics(Quiet):
    """The numbers of this process. Counting is an addition in a dict; Prometheus' objects are made at a scrape."""

    def __init__(self) -> None:
        self._counts: defaultdict[Key, int] = defaultdict(int)
        self._gauges: dict[Key, float] = {}
        self.registry = CollectorRegistry()
        self.registry.register(_OurMetrics(self))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def notice(self, name: str, **_: object) -> None:
        """Count the notice by its name, so that an alert can be set on each."""
        self._counts["notices", (name,)] += 1

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        """Add to a counter of the catalogue."""
        self._counts[metric, labels] += amount

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Set a gauge of the catalogue; NaN removes it, as for a partition that has gone to another member."""
        if isnan(value):
            self._gauges.pop((metric, labels), None)
        else:
            self._gauges[metric, labels] = value

    def total(self, metric: str, labels: tuple[str, ...] | None = None) -> int:
        """A counter's value: with these labels, or the sum over all."""
        if labels is not None:
            return self._counts.get((metric, labels), 0)
        return sum(amount for (name, _), amount in self._counts.copy().items() if name == metric)

    def families(self) -> Iterable[Family]:
        """The metric families for a scrape; safe on another thread while the loop goes on counting."""
        seen: dict[str, list[tuple[tuple[str, ...], float]]] = {}
        # dict.copy() is one step under the interpreter lock, so no key can come in while it runs.
        for (name, labels), value in (*self._counts.copy().items(), *self._gauges.copy().items()):
            seen.setdefault(name, []).append((labels, value))
        for metric in METRICS:
            yield _family(metric, seen.get(metric.name, []))


class _OurMetrics(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Family]:
        return self._metrics.families()


def _family(metric: Metric, samples: list[tuple[tuple[str, ...], float]]) -> Family:
    make = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = make(PREFIX + metric.name, metric.help, labels=metric.labels)
    for labels, value in samples:
        if len(labels) == len(metric.labels):
            family.add_metric(labels, value)
    if not metric.labels and not samples and metric.kind == "counter":
        # A counter that is there from the start, so that the first increase is seen by rate().
        family.add_metric((), 0)
    return family

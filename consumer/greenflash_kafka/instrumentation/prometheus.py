"""Metrics of this process in Prometheus' text format and OpenMetrics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from math import isnan
from typing import TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.gc_collector import GCCollector
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from greenflash_kafka.instrumentation.catalogue import CONDITIONS, METRICS, NOTICES, PREFIX, Metric
from greenflash_kafka.instrumentation.health import Health
from greenflash_kafka.instrumentation.listener import Quiet

Labels = tuple[str, ...]
"""The values of a metric's labels, in the catalogue's order."""

Key = tuple[str, Labels]
"""A metric's name and labels."""

T = TypeVar("T")

_Distribution = tuple[Sequence[int], float]
"""Observations by bucket, and their sum; replaced as a whole, so that a scrape never sees half of an addition."""


class Metrics(Quiet):
    """The numbers of this process. Counting is an addition in a dict; Prometheus' objects are made at a scrape."""

    def __init__(self, health: Health) -> None:
        """`health` is what `ready` and `condition` say."""
        self._health = health
        self._counts: defaultdict[Key, int] = defaultdict(int)
        self._gauges: dict[Key, float] = {}
        self._histograms: dict[Key, _Distribution] = {}
        for notice in NOTICES:
            self._counts["notices", (notice.name,)] = 0
        for metric in METRICS:
            # There from the start, so that the first increase is seen by rate() and increase().
            if metric.kind == "counter" and not metric.labels:
                self._counts[metric.name, ()] = 0
            if metric.kind == "histogram" and not metric.labels:
                self._histograms[metric.name, ()] = [0] * (len(metric.buckets) + 1), 0.0
        self.registry = CollectorRegistry()
        self.registry.register(_OurMetrics(self))
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)

    def notice(self, name: str, **_: object) -> None:
        """Count the notice by its name, so that an alert can be set on each."""
        self._counts["notices", (name,)] += 1

    def count(self, metric: str, amount: int = 1, labels: Labels = ()) -> None:
        """Add to a counter of the catalogue; 0 shows it before anything has happened."""
        self._counts[metric, labels] += amount

    def gauge(self, metric: str, value: float, labels: Labels = ()) -> None:
        """Set a gauge of the catalogue; NaN takes it away, as for a partition that has gone to another member."""
        if isnan(value):
            self._gauges.pop((metric, labels), None)
        else:
            self._gauges[metric, labels] = value

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: Labels = ()) -> None:
        """Add to a histogram of the catalogue."""
        before, sum_before = self._histograms.get((metric, labels), ([0] * len(counts), 0.0))
        self._histograms[metric, labels] = [a + b for a, b in zip(before, counts, strict=True)], sum_before + total

    def total(self, metric: str, labels: Labels | None = None) -> int:
        """A counter's value: with these labels, or the sum over all."""
        if labels is not None:
            return self._counts.get((metric, labels), 0)
        return sum(amount for (name, _), amount in self._counts.copy().items() if name == metric)

    def families(self) -> Iterable[Family]:
        """What a scrape sees; also on another thread, while the loop goes on counting."""
        # dict.copy() is one step under the interpreter lock, so no key can come in while it runs.
        counts = _by_name(self._counts.copy())
        gauges = _by_name(self._gauges.copy() | self._conditions())
        histograms = _by_name(self._histograms.copy())
        for metric in METRICS:
            match metric.kind:
                case "counter":
                    yield _family(CounterMetricFamily, metric, counts)
                case "gauge":
                    yield _family(GaugeMetricFamily, metric, gauges)
                case "histogram":
                    yield _histogram(metric, histograms.get(metric.name, {}))
                case "info":
                    yield _info(metric, gauges.get(metric.name, {}))

    def _conditions(self) -> dict[Key, float]:
        open_now = self._health.conditions()
        found: dict[Key, float] = {("ready", ()): 0 if open_now else 1}
        # Each is there all the time: an alert on one that was never open must not look like a misspelt one.
        found |= {("condition", (name, "")): 0 for name in CONDITIONS}
        found |= {("condition", (each.name, each.about)): 1 for each in open_now}
        return found


class _OurMetrics(Collector):
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Family]:
        return self._metrics.families()


def _by_name(samples: Mapping[Key, T]) -> dict[str, dict[Labels, T]]:
    found: dict[str, dict[Labels, T]] = {}
    for (name, labels), value in samples.items():
        found.setdefault(name, {})[labels] = value
    return found


def _family(
    make: Callable[..., CounterMetricFamily | GaugeMetricFamily],
    metric: Metric,
    samples: Mapping[str, Mapping[Labels, float]],
) -> Family:
    family = make(PREFIX + metric.name, metric.help, labels=metric.labels, unit=metric.unit)
    for labels, value in samples.get(metric.name, {}).items():
        if len(labels) == len(metric.labels):
            family.add_metric(labels, value)
    return family


def _histogram(metric: Metric, samples: Mapping[Labels, _Distribution]) -> Family:
    family = HistogramMetricFamily(PREFIX + metric.name, metric.help, labels=metric.labels, unit=metric.unit)
    bounds = [*map(floatToGoString, metric.buckets), "+Inf"]
    for labels, (counts, total) in samples.items():
        if len(labels) == len(metric.labels):
            family.add_metric(labels, list(zip(bounds, accumulate(counts), strict=True)), total)
    return family


def _info(metric: Metric, samples: Mapping[Labels, float]) -> Family:
    family = InfoMetricFamily(PREFIX + metric.name.removesuffix("_info"), metric.help)
    for labels in samples:
        if len(labels) == len(metric.labels):
            family.add_metric((), dict(zip(metric.labels, labels, strict=True)))
    return family

"""One page of metrics for all workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from consumer.instrumentation.catalogue import METRIC
from consumer.instrumentation.prometheus import Key, Metrics, families
from consumer.workers.protocol import Number


def added(counts: Iterable[Iterable[Number]]) -> dict[Key, float]:
    """Counters of several processes: their sums."""
    sums: dict[Key, float] = {}
    for each in counts:
        for name, labels, value in each:
            sums[name, labels] = sums.get((name, labels), 0) + value
    return sums


def combined(gauges: Iterable[Iterable[Number]]) -> dict[Key, float]:
    """Gauges of several processes, the one that was heard last at the end, each as the catalogue says."""
    found: dict[Key, float] = {}
    for each in gauges:
        for name, labels, value in each:
            key, known = (name, labels), METRIC.get(name)
            before = found.get(key)
            if before is None or known is None or known.across == "latest":
                found[key] = value
            else:
                found[key] = max(before, value) if known.across == "most" else before + value
    return found


class Numbers(msgspec.Struct, frozen=True):
    """What the workers have told: their counters with those of earlier lives, and their gauges, latest last."""

    counts: Sequence[Iterable[Number]]
    gauges: Sequence[Iterable[Number]]


class AllMetrics:
    """The registry of a supervised run. Called on the server's thread; `told` and `processes` hand out values that
    nobody changes any more."""

    def __init__(
        self, own: Metrics, told: Callable[[], Numbers], processes: Callable[[], Mapping[str, int | str]]
    ) -> None:
        """`own` are the supervisor's own numbers; `processes` gives the process id of each, by what to call it."""
        self.registry = CollectorRegistry()
        self.registry.register(_Ours(own, told))
        self.registry.register(_Processes(processes))
        PlatformCollector(registry=self.registry)


class _Ours(Collector):
    def __init__(self, own: Metrics, told: Callable[[], Numbers]) -> None:
        self._own = own
        self._told = told

    def collect(self) -> Iterable[Family]:
        told = self._told()
        counts, gauges = self._own.values()
        own = [(name, labels, value) for (name, labels), value in counts.items()]
        return families(added([own, *told.counts]), {**combined(told.gauges), **gauges})


def _same(pid: int | str) -> int | str:
    return pid


class _Processes(Collector):
    """Memory, CPU time and descriptors of each process, which `worker` tells apart."""

    def __init__(self, processes: Callable[[], Mapping[str, int | str]]) -> None:
        self._processes = processes

    def collect(self) -> Iterable[Family]:
        found: dict[str, Family] = {}
        for worker, pid in self._processes().items():
            for family in ProcessCollector(pid=partial(_same, pid), registry=None).collect():
                whole = found.setdefault(family.name, Family(family.name, family.documentation, family.type))
                for sample in family.samples:
                    whole.add_sample(sample.name, {**sample.labels, "worker": worker}, sample.value)
        return found.values()

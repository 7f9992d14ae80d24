"""Requests and events by what came of them, counted on the path of every event and reported once a second."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from greenflash_kafka.delivery.queue import Send
from greenflash_kafka.delivery.response_table import ANSWERS
from greenflash_kafka.histogram import DELIVERY_BUCKETS, REQUEST_BUCKETS, Histogram
from greenflash_kafka.ports import Listener, Reply

OUTCOMES: Final = ("accepted", "refused")
"""What can become of an event, as the label `outcome` says it."""


def code_label(code: str) -> str:
    """A verdict's code as Prometheus users expect it: the bare HTTP status, or the name of what was wrong."""
    return code.removeprefix("status-")


class Tally:
    """Counts without a call to the listener, which would be a large part of the time that an event takes."""

    __slots__ = ("_accepted", "_delivery", "_last_acceptance", "_listener", "_refused", "_requests", "now")

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._requests: dict[int | str, Histogram] = {}
        self._accepted: defaultdict[str, int] = defaultdict(int)
        self._refused: defaultdict[str, int] = defaultdict(int)
        self._delivery = Histogram(DELIVERY_BUCKETS)
        self._last_acceptance = 0.0
        self.now = 0.0
        """Seconds since 1970, of the answers that are dealt with."""
        for code in ANSWERS:
            listener.count("http_requests", 0, (code_label(code),))
            listener.count("event_retries", 0, (code_label(code),))

    def accepted(self, send: Send, reply: Reply) -> None:
        """An event was accepted by this answer."""
        # On the path of every event: what is written out here is `Histogram.add`, whose calls cost more than it does.
        seconds = reply.seconds
        requests = self._requests.get(reply.status) or self._of(reply.status)
        requests.counts[bisect_left(REQUEST_BUCKETS, seconds)] += 1
        requests.sum += seconds
        self._accepted[send.event.rule] += 1
        written = send.owner.record_ms
        if written is not None:
            age = self.now - written / 1000
            if age < 0.0:
                age = 0.0  # a producer's clock may be ahead of ours
            delivery = self._delivery
            delivery.counts[bisect_left(DELIVERY_BUCKETS, age)] += 1
            delivery.sum += age

    def answered(self, code: str, seconds: float) -> None:
        """Another answer than an acceptance, or none; `code` is the verdict's."""
        code = code_label(code)
        (self._requests.get(code) or self._of(code)).add(seconds)

    def repeated(self, times: int) -> None:
        """Requests that the transport sent again by itself: those before were closed without a response."""
        self._listener.count("http_requests", times, ("reset",))

    def refused(self, send: Send) -> None:
        """An event was refused for good, or given up."""
        self._refused[send.event.rule] += 1

    def report(self, event_types: Mapping[str, str]) -> None:
        """Tell the listener what came since the last time; `event_types` is the type of each rule's events."""
        listener = self._listener
        for code, histogram in self._requests.items():
            counts, total = histogram.take()
            if number := sum(counts):
                listener.count("http_requests", number, (str(code),))
                listener.observe("request_duration_seconds", counts, total, (str(code),))
        if self._accepted:
            self._last_acceptance = self.now
        for outcome, by_rule in zip(OUTCOMES, (self._accepted, self._refused), strict=True):
            for rule, number in by_rule.items():
                listener.count("events", number, (rule, event_types.get(rule, ""), outcome))
            by_rule.clear()
        listener.observe("event_delivery_seconds", *self._delivery.take())
        listener.gauge("last_acceptance_timestamp_seconds", self._last_acceptance)

    def _of(self, code: int | str) -> Histogram:
        return self._requests.setdefault(code, Histogram(REQUEST_BUCKETS))

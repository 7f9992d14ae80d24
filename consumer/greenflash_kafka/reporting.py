"""The pipeline's numbers, told to the listener with each commit; only what is counted there costs every message."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import nan
from typing import Final

from greenflash_kafka.backpressure import Backpressure
from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.delivery.response_table import REFUSALS
from greenflash_kafka.delivery.tally import OUTCOMES
from greenflash_kafka.model.problem import CODES, UNREADABLE
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.offsets.trackers import OffsetTrackers
from greenflash_kafka.pending_message import PendingMessages
from greenflash_kafka.ports import Clock, Listener, Source, TopicPartition
from greenflash_kafka.rules.ruleset import Ruleset

MOST_AT_ZERO: Final = 2000
"""Series of dead letters by topic, rule and code that are there before the first dead letter; of topics beyond it each
comes with its first one, while their messages by outcome always are there."""

SETTLED: Final = ("filtered", "mapped", "dead_lettered")
"""What can become of a message, as the label `outcome` says it."""


class Reporter:
    """Tells counts and gauges. Counters are told at 0 as soon as their labels are known, so that `increase()` sees the
    first burst."""

    def __init__(
        self,
        source: Source,
        offset_trackers: OffsetTrackers,
        dispatcher: Dispatcher,
        pressure: Backpressure,
        pending_messages: PendingMessages,
        clock: Clock,
        listener: Listener,
        sends: bool,
    ) -> None:
        """`sends`: False in a dry run, which has nothing accepted in truth."""
        self._source = source
        self._offset_trackers = offset_trackers
        self._dispatcher = dispatcher
        self._pressure = pressure
        self._pending_messages = pending_messages
        self._clock = clock
        self._listener = listener
        self._said_first = not sends
        self._rules: Ruleset | None = None
        self._event_types: dict[str, str] = {}
        self._topics: set[str] = set()
        self._lagging: set[str] = set()
        self._at_zero = 0

    def use(self, rules: Ruleset) -> None:
        """These rules evaluate from now on."""
        if self._rules is not None:
            self._dispatcher.report(self._event_types)
            self._listener.gauge("ruleset_info", nan, _info(self._rules))
        self._rules = rules
        self._listener.gauge("ruleset_info", 1, _info(rules))
        self._event_types = rules.event_types
        for rule, event_type in self._event_types.items():
            for outcome in OUTCOMES:
                self._listener.count("events", 0, (rule, event_type, outcome))
        for topic in self._topics:
            self._dead_letters_at_zero(topic)

    def assigned(self, partitions: Iterable[TopicPartition]) -> None:
        """These partitions are about to begin."""
        self.count()
        for topic in {topic for topic, _ in partitions} - self._topics:
            self._topics.add(topic)
            self._listener.count("messages_consumed", 0, (topic,))
            for outcome in SETTLED:
                self._listener.count("messages_settled", 0, (topic, outcome))
            self._dead_letters_at_zero(topic)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """These are about to end here: their lag is another member's to tell."""
        self.count()
        for topic, partition in partitions:
            self._listener.gauge("consumer_lag", nan, (topic, str(partition)))

    def count(self) -> None:
        """What became of messages since the last time."""
        news: dict[str, list[int]] = {}
        for tracker in self._offset_trackers:
            counts = news.setdefault(tracker.partition[0], [0, 0, 0, 0])
            for place, number in enumerate(tracker.take_counts()):
                counts[place] += number
        for topic, (consumed, *settled) in news.items():
            self._listener.count("messages_consumed", consumed, (topic,))
            for outcome, number in zip(SETTLED, settled, strict=True):
                self._listener.count("messages_settled", number, (topic, outcome))

    def report(self, halts: int) -> None:
        """Everything; once a commit interval, right after the commit."""
        self.count()
        listener, dispatcher, pending_messages = self._listener, self._dispatcher, self._pending_messages
        dispatcher.report(self._event_types)
        listener.gauge("pending_messages", len(pending_messages.messages))
        listener.gauge("pending_bytes", pending_messages.bytes)
        listener.gauge("pending_events", dispatcher.outstanding)
        listener.gauge("requests_in_flight", dispatcher.in_flight)
        listener.gauge("requests_limit", dispatcher.slots)
        listener.gauge("partitions_assigned", len(self._offset_trackers))
        listener.gauge("partitions_halted", halts)
        listener.gauge("partitions_held", self._pressure.holds)
        listener.gauge("delivery_paused", 0 if dispatcher.pause_reason is None else 1)
        listener.gauge("retry_after_seconds", dispatcher.waits_for)
        listener.gauge("delivery_failing_seconds", dispatcher.failing_for)
        listener.gauge("dead_letters_in_flight", pending_messages.dead_letters)
        self._lag(self._source.lag(), self._source.committed())
        if dispatcher.accepted and not self._said_first:
            self._said_first = True
            listener.notice("first_event_accepted", events=dispatcher.accepted)

    def _lag(self, lag: Mapping[TopicPartition, int], committed: Mapping[TopicPartition, int]) -> None:
        now, by_topic = self._clock.now(), dict[str, float]()
        for (topic, partition), behind in lag.items():
            self._listener.gauge("consumer_lag", behind, (topic, str(partition)))
        for tracker in self._offset_trackers:
            key = tracker.partition
            end = committed.get(key, tracker.start) + lag[key] if key in lag else 0
            by_topic[key[0]] = max(by_topic.get(key[0], 0.0), _age(tracker, end, now))
        for topic, seconds in by_topic.items():
            self._listener.gauge("consumer_lag_seconds", seconds, (topic,))
        for topic in self._lagging - by_topic.keys():
            self._listener.gauge("consumer_lag_seconds", nan, (topic,))
        self._lagging = set(by_topic)

    def _dead_letters_at_zero(self, topic: str) -> None:
        rules = None if self._rules is None else self._rules.rules_for(topic)
        pairs = [] if rules is None else [(rule, code) for rule in rules.names for code in _RULE_CODES]
        if self._at_zero + len(pairs) >= MOST_AT_ZERO:
            return
        self._at_zero += len(pairs) + len(UNREADABLE)
        for rule, code in [*(("", code) for code in UNREADABLE), *pairs]:
            self._listener.count("dead_letters", 0, (topic, rule, code))


_RULE_CODES: Final[Collection[str]] = (*(code for code in CODES if code not in UNREADABLE), *REFUSALS)


def _info(rules: Ruleset) -> tuple[str, ...]:
    return rules.version, str(len(rules.files)), str(len(rules.rules))


def _age(tracker: OffsetTracker, end: int, now: float) -> float:
    """Seconds since the oldest message of a partition that isn't settled was written, 0 when there is none.

    Exact for what was read. Of what wasn't, the timestamp isn't known: it came after the last message that was read,
    and after the last look that found nothing unread; before the first of both, at least the time since the first look.
    """
    first_ms = tracker.first_unfinished_ms
    if first_ms is None and tracker.stored >= end:
        tracker.level_at = now
        return 0.0
    tracker.first_look = tracker.first_look or now
    if first_ms is not None and first_ms > 0:
        since = first_ms / 1000
    else:
        since = max(tracker.last_ms / 1000, tracker.level_at) or tracker.first_look
    return max(0.0, now - since)

"""Records of conversation topics turned into activities."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from greenflash_kafka.histogram import DELIVERY_BUCKETS, Histogram
from greenflash_kafka.linking.decision import ALWAYS
from greenflash_kafka.linking.intake import Intake
from greenflash_kafka.linking.source_horizons import SourceHorizons
from greenflash_kafka.linking.table import TIME_LIMIT, ActivityTable, storable
from greenflash_kafka.model.activities import NO_ACTIVITIES, Activities
from greenflash_kafka.model.conversations import EARLY_MS, MINUTE_MS, ConversationSource
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.ports import Clock, Listener


class ActivityIntake(Intake[Activities]):
    """Makes rows of the activities, and measures how late they are."""

    nothing = NO_ACTIVITIES

    def __init__(
        self,
        sources: Sequence[ConversationSource],
        table: ActivityTable,
        activities: Callable[[Message], Activities | NotYet],
        horizons: SourceHorizons,
        clock: Clock,
        listener: Listener,
        early: int = EARLY_MS,
    ) -> None:
        self._early = early
        super().__init__(activities, horizons, clock, listener)
        self._hashers = {(each.name, name): table.hasher(each.name, name) for each in sources for name in each.keys}
        self._delays = {each.name: Histogram(DELIVERY_BUCKETS) for each in sources}

    def _keep(self, found: Activities, message: Message, logged: int) -> None:
        """Make rows. A reader that begins later wouldn't see what is told too early, so that no reader takes it; and no
        message asks for what happened before the floor."""
        hashers, rows = self._hashers, self.rows
        frontiers = self._horizons.frontiers
        furthest = message.timestamp_ms + self._early if message.timestamp_type != "none" else TIME_LIMIT
        oldest = self._horizons.floor // MINUTE_MS
        for each in found.found:
            conversation, at, source = each.conversation, each.at, each.rule
            if not storable(conversation, at):
                self._problem(source, "not-allowed", message)
                continue
            if at > furthest:
                self._problem(source, "bad-time", message)
                continue
            if logged <= frontiers.get(source, ALWAYS):
                self._listener.count("conversation_late", 1, (source,))
            self._delays[source].add(max(0, logged - at) / 1000)
            minute = at // MINUTE_MS
            if minute < oldest:
                continue
            for key in each.keys:
                hashed = hashers.get((source, key[0]))
                if hashed is not None:
                    rows.append((hashed(key[1]), minute, conversation, at, logged))
        for problem in found.problems:
            self._problem(problem.rule or "", problem.code, message)

    def report(self) -> None:
        """Pass on how late activities were logged."""
        for source, histogram in self._delays.items():
            if any(histogram.counts):
                counts, total = histogram.take()
                self._listener.observe("conversation_delay_seconds", counts, total, (source,))

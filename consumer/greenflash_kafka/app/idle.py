"""The end of a run with `--until-idle`: everything is settled, or something is blocked."""

from __future__ import annotations

from collections.abc import Mapping

from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.model.idle_status import IdleStatus
from greenflash_kafka.model.open_transaction import OpenTransaction, ending
from greenflash_kafka.pipeline import Pipeline
from greenflash_kafka.ports import Clock, Source, TopicPartition

ASK_SECONDS = 0.25
"""Seconds between queries of the partitions' ends, once nothing is pending."""

JOIN_SECONDS = 30.0
"""How long a group may take to give us partitions, before having none may mean that there is nothing to do."""

LOOK_SECONDS = 1.0
"""How often the broker is asked about open transactions, once nothing else is left to do."""

TRANSACTION_SECONDS = 10.0
"""How long a transaction may be open while nothing else is left to do: most end sooner, by themselves."""

BLOCKED_PROBES = 3
"""After so many probes a pause isn't a short disturbance any more: an operator is needed."""


class IdleWatch:
    """Looks at a pipeline from between its turns; `seconds` is how long it has to have been idle."""

    def __init__(
        self,
        pipeline: Pipeline,
        source: Source,
        dispatcher: Dispatcher,
        clock: Clock,
        seconds: float,
        commits: bool = True,
        servers: str = "SERVERS",
    ) -> None:
        """`commits` is False for a dry run, where being settled is enough; `servers` are named in advice."""
        self._pipeline = pipeline
        self._source = source
        self._dispatcher = dispatcher
        self._clock = clock
        self._seconds = seconds
        self._commits = commits
        self._began = clock.monotonic()
        self._quiet_since: float | None = None
        self._idle = False
        self._ends: dict[TopicPartition, int] = {}
        self._next_look = 0.0
        self._consumed = 0
        self._transactions = _Transactions(source, servers)
        self._progress: tuple[int, ...] = ()
        self._progress_at = self._began

    def status(self) -> IdleStatus:
        """The current status. Checks at most every `ASK_SECONDS`; in between the last result holds."""
        now = self._clock.monotonic()
        if now >= self._next_look:
            self._next_look = now + ASK_SECONDS
            self._look(now)
        return IdleStatus(self._idle and not self._source.lacking(), tuple(self.blocked_by()))

    def idle(self) -> bool:
        """True once everything up to the end of all partitions has been settled and committed for so long."""
        return self.status().idle

    def _look(self, now: float) -> None:
        # What isn't ours belongs to another member, or to one that died and whose session hasn't ended yet.
        if not self._is_settled(now) or (self._commits and self._source.remaining()):
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        self._idle = self._quiet_since is not None and now - self._quiet_since >= self._seconds

    def blocked_by(self) -> list[str]:
        """The partitions and topics that wait for an operator, once nothing has progressed for so long; empty as long
        as something does."""
        now = self._clock.monotonic()
        pipeline, paused = self._pipeline, self._dispatcher.pause_reason
        totals = pipeline.totals
        progress = (totals.consumed, totals.mapped, totals.dead_lettered, self._dispatcher.accepted)
        if progress != self._progress:
            self._progress, self._progress_at = progress, now
        if now - self._progress_at < self._seconds:
            return []
        found = [f"{topic}/{partition} is halted: {why}" for (topic, partition), why in sorted(pipeline.halts.items())]
        if pipeline.conversations_stalled:
            found.append(f"messages wait for {pipeline.conversations_stalled}")
        if pipeline.schemas_stalled:
            found.append(f"messages wait for a schema: {pipeline.schemas_stalled}")
        found += self._transactions.standing(max(self._seconds, TRANSACTION_SECONDS), now)
        if self._idle or self._source.nothing():
            # What there is to read is done first.
            found += [f"{_lacking(each)} (or this user may not describe it)" for each in self._source.lacking()]
        if self._dispatcher.outage:
            # It ends by itself, and what waits for that isn't stuck.
            return found
        found += [
            f"{topic}/{partition} is paused behind an event that can't be delivered"
            for topic, partition in pipeline.held
        ]
        if paused is not None and self._dispatcher.probes >= BLOCKED_PROBES:
            found.append(f"delivery is paused: {paused.text}")
        return found

    def _is_settled(self, now: float) -> bool:
        pipeline = self._pipeline
        consumed, self._consumed = self._consumed, pipeline.totals.consumed
        if consumed != self._consumed or pipeline.unfinished or self._dispatcher.outstanding or pipeline.halts:
            # While messages come, nothing is asked: the loop would wait for the answer, and messages with it.
            self._transactions.none()
            return False
        if not (pipeline.starts or now - self._began > JOIN_SECONDS):
            return False
        at = self._source.committed() if self._commits else pipeline.positions()
        if any(at.get(key, -1) < end for key, end in self._ends.items() if key in pipeline.assigned_partitions):
            # The ends known from before aren't reached yet, so newer ones aren't either: no need to ask.
            self._transactions.look(at, now)
            return False
        self._transactions.none()
        self._ends = dict(self._source.ends())
        return all(at.get(key, -1) >= end for key, end in self._ends.items())


class _Transactions:
    """Open transactions behind which nothing else is left to do, each with the time of its first sight."""

    def __init__(self, source: Source, servers: str) -> None:
        self._source = source
        self._servers = servers
        self._seen: dict[TopicPartition, tuple[OpenTransaction, float]] = {}
        self._next_look = 0.0

    def look(self, at: Mapping[TopicPartition, int], now: float) -> None:
        """Ask which there are, if it is time; `at` is where the partitions stand."""
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        before = self._seen
        self._seen = {}
        for key, each in self._source.open_transactions().items():
            was, since = before.get(key, (each, now))
            if at.get(key, -1) >= each.stable:
                self._seen[key] = (each, since if was.stable == each.stable else now)

    def none(self) -> None:
        """Something else is left to do, or nothing."""
        self._seen = {}

    def standing(self, seconds: float, now: float) -> list[str]:
        """Those that have been open for so long, and what to do."""
        return [
            f"{topic}/{partition}: {each.words}. {ending(topic, partition, each.stable, self._servers)}"
            for (topic, partition), (each, since) in sorted(self._seen.items())
            if now - since >= seconds
        ]


def _lacking(topic: str) -> str:
    return f"no topic matches {topic}" if topic.startswith("/") else f"topic {topic} doesn't exist"

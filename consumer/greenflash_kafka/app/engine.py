"""The core of a run: pipeline and dispatcher over parts given by the caller, and the order of shutdown.

`build` gives it the real parts, and the simulation its own: there is one wiring, and one order of shutdown.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import msgspec

from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.pipeline import Pipeline, PipelineSettings
from greenflash_kafka.ports import Clock, ConversationReader, DeadLetterQueue, Listener, Source, Transport
from greenflash_kafka.snapshot import Snapshot

CLOSE_SECONDS = 4.0
"""Time limit of the last commit, in seconds; without a response the client isn't closed (redelivery is safe)."""


class EngineParts(msgspec.Struct, frozen=True):
    """The ports and settings of one process. `conversations` is None where no rule links."""

    source: Source
    transport: Transport
    dead_letters: DeadLetterQueue
    snapshot: Snapshot
    clock: Clock
    random: Random
    listener: Listener
    conversations: ConversationReader | None = None


class Engine:
    """One pipeline with its dispatcher, on one heap of deadlines."""

    def __init__(
        self,
        parts: EngineParts,
        sending: DispatcherSettings,
        taking: PipelineSettings,
        before_probe: Callable[[], None] = lambda: None,
    ) -> None:
        self.parts = parts
        deadlines = Deadlines(parts.clock)
        self.dispatcher = Dispatcher(
            parts.transport,
            deadlines,
            parts.clock,
            parts.random,
            parts.listener,
            sending,
            before_probe=before_probe,
        )
        self.pipeline = Pipeline(
            parts.source,
            parts.snapshot,
            self.dispatcher,
            parts.dead_letters,
            deadlines,
            parts.clock,
            parts.listener,
            taking,
            parts.conversations,
        )
        parts.source.rules = self.pipeline.rules_in_use

    def end(self, drain_seconds: float, before_leaving: Callable[[bool], None] = lambda _: None) -> bool:
        """Drain, store, commit, wait for the commit's answer, leave. The order is what keeps messages safe.

        `before_leaving` is told whether the broker confirmed, while there still is a source to ask. False: it didn't,
        so the group wasn't left, and the Kafka client must not be closed: the process has to go.
        """
        parts = self.parts
        self.pipeline.drain(drain_seconds)
        confirmed = parts.source.settle(CLOSE_SECONDS)
        before_leaving(confirmed)
        if confirmed:
            parts.source.close()
        if parts.conversations is not None:
            parts.conversations.close()
        if parts.snapshot.schemas is not None:
            parts.snapshot.schemas.close()
        parts.transport.close()
        parts.dead_letters.close(0)
        return confirmed

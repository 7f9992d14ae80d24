"""The traffic of the demo on its way to the broker: a burst, and then, if it is to go on, a trickle.

The chats come in between, in their own topic. Every message is stamped with the time at which it is written. Chats and
the shop's database are written in Avro.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Final

import msgspec
from confluent_kafka import KafkaError, Producer
from confluent_kafka import Message as KafkaMessage

from greenflash_kafka.demo.avro_topics import in_avro
from greenflash_kafka.demo.made import CHATS, Chat, Made
from greenflash_kafka.demo.planned_links import PlannedLinks
from greenflash_kafka.demo.traffic import ProducedMessage, endless_with_meaning, with_chats
from greenflash_kafka.model.message import Message
from greenflash_kafka.sandbox.conversation_totals import ByChance

SEED: Final = 1

GENTLE_RATE: Final = 20.0
"""Messages a second once the burst is over."""

CHANCE_SECONDS: Final = 5.0
"""How often the share that coincidence links is worked out where messages are paced; less often once it takes long."""

_REPEATS: Final = 0.01
"""The share of the trickle that tells an earlier fact again."""

MOST_AHEAD: Final = 20_000
"""How many messages may wait for the pipeline: the mock cluster keeps only the last megabytes of a partition."""

KEPT: Final = 1000
"""How many messages, the first ones, are kept in memory to be shown."""


class FeedPlan(msgspec.Struct, frozen=True):
    """How much is written: `messages`, and their chats beside them, at `rate` a second (None: as fast as it goes); with
    `goes_on` a trickle follows that has no end. `first` is the number of the first message."""

    messages: int
    rate: float | None
    goes_on: bool = False
    first: int = 0


class Feeder(threading.Thread):
    """Writes the traffic, beside the pipeline; `done` once every message is confirmed."""

    def __init__(
        self,
        connect: Mapping[str, str],
        plan: FeedPlan,
        stopped: Callable[[], bool],
        consumed: Callable[[], int],
        max_delay_ms: int,
    ) -> None:
        """`connect` are the client properties that lead to the broker; `consumed` counts what the pipeline took;
        `max_delay_ms` is that of the chats' source."""
        super().__init__(name="demo-traffic", daemon=True)
        self._producer = Producer(
            {**connect, "linger.ms": "20", "queue.buffering.max.messages": "1000000", "log_level": "2"}
        )
        self._plan = plan
        self._stopped = stopped
        self._consumed = consumed
        self.produced = 0
        """Messages that the broker has confirmed, without those of chats."""
        self.chats = 0
        """Messages of chats that the broker has confirmed."""
        self.planned = PlannedLinks(max_delay_ms)
        """What must be linked to what; of another thread's use once `done`."""
        self.chance: ByChance | None = None
        """What coincidence alone links, as far as it has been worked out."""
        self.first: list[Message] = []
        """The first of them, as the broker has them."""
        self.failure: str | None = None
        self.done = False

    @property
    def burst_is_over(self) -> bool:
        """Whether all but the trickle is written."""
        return self.produced >= self._plan.messages

    def run(self) -> None:
        """Write until all is written or the demo is told to stop."""
        plan = self._plan
        burst = endless_with_meaning(SEED, first=plan.first, now=_now_ms)
        self._write_all(islice(burst, plan.messages), plan.rate)
        if plan.goes_on:
            # Another seed and later numbers: none of the burst's facts is told again.
            trickle = endless_with_meaning(SEED + 1, repeats=_REPEATS, first=plan.first + plan.messages, now=_now_ms)
            self._write_all(trickle, GENTLE_RATE)
        if self._producer.flush(60):
            self.failure = "the broker didn't confirm the demo's messages within a minute"
        self.done = True

    def _write_all(self, messages: Iterable[tuple[ProducedMessage, Made]], rate: float | None) -> None:
        began = time.monotonic()
        chance = began + CHANCE_SECONDS
        number = 0
        for message, meaning in with_chats(messages):
            if rate is not None:
                while not self._stopped() and number > (time.monotonic() - began) * rate:
                    self._producer.poll(0.02)
            while not self._stopped() and self.produced - self._consumed() > MOST_AHEAD:
                self._producer.poll(0.02)
            if self._stopped():
                break
            self._write(in_avro(message))
            self.planned.note(meaning, message.timestamp_ms)
            number += not isinstance(meaning, Chat)
            now = time.monotonic()
            if rate is not None and now > chance:
                self.chance = self.planned.by_chance()
                chance = now + max(CHANCE_SECONDS, 50 * (time.monotonic() - now))
        self.chance = self.planned.by_chance()

    def _write(self, message: ProducedMessage) -> None:
        while True:
            try:
                self._producer.produce(
                    message.topic,
                    message.value,
                    message.key,
                    headers=list(message.headers),
                    timestamp=message.timestamp_ms,
                    on_delivery=self._confirmed,
                )
            except BufferError:
                self._producer.poll(0.05)
            else:
                self._producer.poll(0)
                return

    def _confirmed(self, error: KafkaError | None, record: KafkaMessage) -> None:
        if error is not None:
            self.failure = f"the broker refused the demo's messages: {error.str()}"
            return
        if record.topic() == CHATS:
            self.chats += 1
            return
        self.produced += 1
        if len(self.first) < KEPT:
            topic, partition, offset = record.topic() or "", record.partition() or 0, record.offset() or 0
            self.first.append(Message(topic, partition, offset, record.timestamp()[1], record.key(), record.value()))


def _now_ms() -> int:
    return int(time.time() * 1000)

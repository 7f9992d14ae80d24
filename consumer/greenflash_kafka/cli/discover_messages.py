"""Messages for `discover`: a sample of each topic, from Kafka or a recording, and their decoding."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec

from greenflash_kafka.app.schema_sources import schema_folder, schemas_of_run
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, opened
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.decoding.decoders import Decode, FormatDecoders
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want, never
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.model.topic_format import Envelope, TopicFormat
from greenflash_kafka.ports import Schemas
from greenflash_kafka.schemas.folder import FolderSchemas
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.spread import spread_ranges

MOST: Final = 10_000
MOST_BYTES: Final = 40 << 20
"""Bytes of values that are kept of one topic."""

_SCHEMA_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 0.01


class SampledTopics(msgspec.Struct, frozen=True):
    """Messages of each topic, in no order, and how many there are of it; `schemas` to read them with."""

    messages: dict[str, list[Message]]
    there: dict[str, int]
    config: Config | None
    schemas: Schemas | None


@contextmanager
def sampled(flags: HistoryFlags, topics: Sequence[str]) -> Iterator[SampledTopics]:
    """A sample of these topics. Raises what `opened` does."""
    found: dict[str, list[Message]] = {topic: [] for topic in topics}
    sizes = dict.fromkeys(topics, 0)
    # `--last` is the size of the sample here: half of it is spread over all that there is.
    most, flags = flags.last or MOST, msgspec.structs.replace(flags, last=None)
    if flags.recording is not None:
        counts = dict.fromkeys(topics, 0)
        with opened(flags, topics) as source:
            for each in _all(source):
                counts[each.topic] += 1
        chosen = {topic: _places(topic, count, most) for topic, count in counts.items()}
        place = dict.fromkeys(topics, 0)
        with opened(flags, topics) as source:
            for each in _all(source):
                if any(group.start <= place[each.topic] < group.end for group in chosen[each.topic]):
                    _keep(found, sizes, each)
                place[each.topic] += 1
            config = source.config
    else:
        with opened(flags, topics) as source:
            counts = {topic: sum(each.count for each in source.ranges if each.topic == topic) for topic in topics}
            for each in _spread(source, most):
                _keep(found, sizes, each)
            config = source.config
    schemas = _schemas(config)
    try:
        yield SampledTopics(found, counts, config, schemas)
    finally:
        if schemas is not None:
            schemas.close()


def _places(topic: str, count: int, most: int) -> tuple[OffsetRange, ...]:
    """Which of the messages of a recording are taken, by their place in it."""
    groups = spread_ranges([OffsetRange(topic, 0, 0, count)], most)
    return tuple(each for group in groups for each in group)


def _all(source: OpenHistory) -> Iterator[Message]:
    for messages in source.messages():
        yield from messages


def _spread(source: OpenHistory, most: int) -> Iterator[Message]:
    """The messages of the sample's ranges; a reader has one range of a partition, so they are read in groups."""
    groups = spread_ranges(source.ranges, most)
    if groups == [source.ranges]:
        yield from _all(source)
        return
    for group in reversed(groups):
        history = KafkaHistory(source.properties, group)
        try:
            while not history.done:
                yield from history.take(MOST, 0.2)
        finally:
            history.close()


def _keep(found: dict[str, list[Message]], sizes: dict[str, int], message: Message) -> None:
    size = len(message.value or b"")
    if message.topic in found and sizes[message.topic] + size <= MOST_BYTES:
        found[message.topic].append(message)
        sizes[message.topic] += size


def _schemas(config: Config | None) -> Schemas | None:
    if config is None:
        return None
    registry = schemas_of_run(config, dict(os.environ), SystemClock(), Quiet())
    folder = schema_folder(config) if registry is None else None
    return registry if folder is None else FolderSchemas(folder)


class MessageReader:
    """Decodes messages as a mapping file without `format` would; waits a little for schemas, each once."""

    def __init__(self, schemas: Schemas | None, seconds: float = _SCHEMA_SECONDS) -> None:
        self._decoders = FormatDecoders(schemas)
        self._schemas = schemas
        self._seconds = seconds
        self._decodes: dict[tuple[str, Envelope], Decode] = {}
        self._missed: set[Want] = set()

    def read(self, message: Message, envelope: Envelope) -> object:
        """See `discovery.topic_documents.Read`."""
        key = message.topic, envelope
        decode = self._decodes.get(key)
        if decode is None:
            decode = self._decodes[key] = self._decoders.decoder(message.topic, None, TopicFormat(envelope=envelope))
        found = decode(message)
        if isinstance(found, NotYet) and found.want not in self._missed and not never(found.want):
            found = self._waited(decode, message, found)
        return found

    def _waited(self, decode: Decode, message: Message, found: object) -> object:
        clock = SystemClock()
        until = clock.monotonic() + self._seconds
        while isinstance(found, NotYet) and clock.monotonic() < until:
            clock.sleep(_LOOK_SECONDS)
            if self._schemas is not None:
                self._schemas.poll()
            found = decode(message)
        if isinstance(found, NotYet):
            self._missed.add(found.want)
        return found


def ordered(messages: Iterable[Message]) -> list[Message]:
    """The messages in an order that is the same each time."""
    return sorted(messages, key=lambda each: (each.timestamp_ms, each.partition, each.offset))

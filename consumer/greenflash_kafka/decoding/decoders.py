"""Decoders by topic: from a record to the payload that rules read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final, Protocol
from weakref import WeakSet

from greenflash_kafka.decoding import cloudevents, debezium, json_format
from greenflash_kafka.decoding.body_reader import format_module
from greenflash_kafka.decoding.body_readers import BodyReaders
from greenflash_kafka.decoding.framed_decoder import FileDecoder, FramedBodies, FramedDecoder
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.decoding.key_decoder import with_key
from greenflash_kafka.decoding.schema_paths import paths_module
from greenflash_kafka.model.formats import AUTO, BY_FILE, DEFAULT, SCHEMA_FORMATS
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import Want
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.ports import Schemas

Decode = Callable[[Message], object]
"""From a record with a value to its payload: dict, list, str, bool, int, `Decimal`, `datetime` or None; or to a
`Decoded`, which has it and says more of it; to a `Skipped`, if the record is no fact for rules; to a `NotYet`, if what
decoding takes isn't known yet. Raises `DecodeError`."""


class Decoders(Protocol):
    """Source of decoders, chosen by topic when a topic is first met."""

    def decoder(self, topic: str, shape: Shape | None, format: TopicFormat = PLAIN) -> Decode:
        """The decoder of a topic's values; what `shape` (None: everything) doesn't name may be left out."""
        ...

    def look(self, message: Message, format: TopicFormat) -> None:
        """Have what a message needs asked for, though nobody takes it yet, and note what it says of its topic."""
        ...

    def known(self, want: Want) -> bool:
        """Whether what a decoder wanted is known by now. Cheap: it is looked up, nobody is asked."""
        ...


class FormatDecoders:
    """Each format by its own module, imported when a topic first has it: the libraries of some are large. Not JSON's,
    which most topics have: a process may have no file descriptor left to import it when its first message comes.

    `schemas` has those that messages name by a key; None where no registry and no folder of schemas is configured.
    """

    def __init__(self, schemas: Schemas | None = None) -> None:
        self._schemas = schemas
        # Protobuf's libraries are large: they are imported with the first such schema.
        for kind in ("avro", "json-schema") if schemas is not None else ():
            format_module(kind)
            paths_module(kind)
        self._siblings: WeakSet[BodyReaders] = WeakSet()
        self._looks: dict[str, Decode] = {}

    def decoder(self, topic: str, shape: Shape | None, format: TopicFormat = PLAIN) -> Decode:
        """See `Decoders`."""
        decode = self._value_decoder(topic, shape, format)
        if format.key != "auto":
            return decode
        return with_key(decode, FramedBodies(self._schemas, BodyReaders(None, self._siblings)))

    def _value_decoder(self, topic: str, shape: Shape | None, format: TopicFormat) -> Decode:
        bare = partial(self._bare, topic, format)
        match format.envelope:
            case "debezium":
                return debezium.decoder(bare, shape, snapshots=format.snapshots is True)
            case "cloudevents":
                return cloudevents.decoder(bare, shape)
        return bare(shape)

    def _bare(self, topic: str, format: TopicFormat, shape: Shape | None) -> Decode:
        """The decoder of a topic's format, whatever it is wrapped in."""
        name, auto = format.format, format.format == AUTO
        if name == DEFAULT or (auto and self._schemas is None):
            return json_format.decoder(shape)
        if name in BY_FILE and format.schema is not None:
            return FileDecoder(format, BodyReaders(shape, self._siblings)).decode
        if name in SCHEMA_FORMATS or auto:
            lacking = None if self._schemas is None else partial(self._schemas.lacks, topic)
            bodies = FramedBodies(self._schemas, BodyReaders(shape, self._siblings, lacking), name, format.message)
            return FramedDecoder(name, bodies, json_format.decoder(shape) if auto else None).decode
        decode: Decode = format_module(name).decoder(shape)
        return decode

    def look(self, message: Message, format: TopicFormat) -> None:
        """See `Decoders`: one that is read without a schema says that the topic may need none."""
        if message.value is None:
            return
        decode = self._looks.get(message.topic)
        if decode is None:
            decode = self._looks[message.topic] = self.decoder(message.topic, {}, format)
        with suppress(DecodeError):
            decode(message)

    def known(self, want: Want) -> bool:
        """See `Decoders`."""
        if want[0] != "schema":
            return True
        key = want[1]
        if isinstance(key, tuple):
            return bool(key[0] == "again")
        return self._schemas is None or self._schemas.find(key) is not None


DECODERS: Final = FormatDecoders()

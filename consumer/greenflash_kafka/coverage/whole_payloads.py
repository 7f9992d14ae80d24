"""Decoding for coverage: production's decoders, of the whole payload, which is remembered."""

from __future__ import annotations

from greenflash_kafka.decoding.decoders import Decode, Decoders
from greenflash_kafka.model.decoded import Decoded, Skipped
from greenflash_kafka.model.message import Message, with_schema
from greenflash_kafka.model.not_yet import NotYet, Want
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat


class WholePayloads:
    """`decoding.decoders.Decoders` that decode more than rules read, and remember the last payload: so a message is
    decoded once, by what evaluates it."""

    def __init__(self, decoders: Decoders) -> None:
        self._decoders = decoders
        self._found: object = None

    def decoder(self, topic: str, shape: Shape | None, format: TopicFormat = PLAIN) -> Decode:  # noqa: ARG002
        """See `Decoders`; `shape` is left out of account."""
        whole = self._decoders.decoder(topic, None, format)

        def decode(message: Message) -> object:
            found = self._found = whole(message)
            return found

        return decode

    def look(self, message: Message, format: TopicFormat) -> None:
        """See `Decoders`."""
        self._decoders.look(message, format)

    def known(self, want: Want) -> bool:
        """See `Decoders`."""
        return self._decoders.known(want)

    def forget(self) -> None:
        """Begin with another message."""
        self._found = None

    def last(self, message: Message) -> tuple[Message, object]:
        """The message that was decoded last, with what is known of its schema, and its payload; None without one."""
        found = self._found
        if type(found) is Decoded:
            return with_schema(message, found.schema, found.schema_key, found.key), found.payload
        return message, None if isinstance(found, Skipped | NotYet) else found

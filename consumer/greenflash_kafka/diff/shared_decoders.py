"""Decoders for two rule sets that read the same messages: what both want of a message is decoded once."""

from __future__ import annotations

from greenflash_kafka.decoding.decoders import Decode, Decoders
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat


class SharedDecoders:
    """`Decoders` for both: where they read the same parts in the same format, one decoder, which remembers the payload
    of its last message. Rules only read payloads."""

    def __init__(self, decoders: Decoders) -> None:
        self._decoders = decoders
        self._made: dict[str, list[tuple[Shape | None, TopicFormat, Decode]]] = {}
        self.known, self.look = decoders.known, decoders.look

    def decoder(self, topic: str, shape: Shape | None, format: TopicFormat = PLAIN) -> Decode:
        """See `Decoders`."""
        made = self._made.setdefault(topic, [])
        for known_shape, known_format, decode in made:
            if shape == known_shape and format == known_format:
                return decode
        decode = _remembering(self._decoders.decoder(topic, shape, format))
        made.append((shape, format, decode))
        return decode


def _remembering(decode: Decode) -> Decode:
    last: Message | None = None
    payload: object = None

    def decoded(message: Message) -> object:
        nonlocal last, payload
        if message is not last:
            found = decode(message)
            if type(found) is NotYet:
                return found  # it may be known when it is asked for again
            last, payload = message, found
        return payload

    return decoded

"""Decoders that know their schemas only once a test says so."""

from __future__ import annotations

from collections.abc import Callable

from greenflash_kafka.decoding.decoders import DECODERS, Decode
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat


class UnknownSchemas:
    """`Decoders` of DECODERS whose messages name what they want, as `want_of` finds it; nothing is known but what is in
    `there`. `asked` are the wants that were looked up."""

    def __init__(self, want_of: Callable[[Message], Want | None]) -> None:
        self._want_of = want_of
        self.there: set[Want] = set()
        self.asked: list[Want] = []
        self.decoded: list[Message] = []

    def decoder(self, topic: str, shape: Shape | None, format: TopicFormat = PLAIN) -> Decode:
        decode = DECODERS.decoder(topic, shape, format)

        def decoded(message: Message) -> object:
            want = self._want_of(message)
            if want is not None and want not in self.there:
                return NotYet(want)
            self.decoded.append(message)
            return decode(message)

        return decoded

    def look(self, message: Message, format: TopicFormat) -> None:
        """Nobody is asked here."""

    def known(self, want: Want) -> bool:
        self.asked.append(want)
        return want in self.there


def by_header(message: Message) -> Want | None:
    """The schema that the message's header names, or the horizon (`source,source ms`)."""
    for name, value in message.headers:
        text = (value or b"").decode()
        if name == "schema":
            return ("schema", text)
        if name == "horizon":
            sources, _, ms = text.partition(" ")
            return ("horizon", tuple(sources.split(",")), int(ms))
    return None

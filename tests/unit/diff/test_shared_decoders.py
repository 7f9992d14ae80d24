"""Two rule sets that read the same messages decode each once, and never take one message's payload for another's."""

from __future__ import annotations

from greenflash_kafka.decoding.decoders import Decode
from greenflash_kafka.diff.shared_decoders import SharedDecoders
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat

WANT = ("schema", 7)


class _CountingDecoders:
    """Decoders whose payload is the message's bytes, and which know nothing until `ready`."""

    def __init__(self) -> None:
        self.decoded: list[int] = []
        self.asked: list[tuple[str, Shape | None, TopicFormat]] = []
        self.ready = True

    def decoder(self, topic: str, shape: Shape | None, format: TopicFormat = PLAIN) -> Decode:
        self.asked.append((topic, shape, format))

        def decode(message: Message) -> object:
            self.decoded.append(message.offset)
            return message.value if self.ready else NotYet(WANT)

        return decode

    def look(self, message: Message, format: TopicFormat) -> None:
        pass

    def known(self, want: Want) -> bool:
        return self.ready and want == WANT


def test_both_sides_decode_a_message_once() -> None:
    counting = _CountingDecoders()
    shared = SharedDecoders(counting)
    old, new = shared.decoder("t", None), shared.decoder("t", None)
    other = shared.decoder("t", None, TopicFormat(format="avro"))
    assert counting.asked == [("t", None, PLAIN), ("t", None, TopicFormat(format="avro"))]
    for offset in range(3):
        message = Message("t", 0, offset, value=b"%d" % offset)
        assert (old(message), new(message)) == (message.value, message.value)
    assert counting.decoded == [0, 1, 2]
    other(message)
    assert counting.decoded == [0, 1, 2, 2]


def test_what_was_not_known_yet_is_asked_for_again() -> None:
    counting = _CountingDecoders()
    decode = SharedDecoders(counting).decoder("t", None)
    message = Message("t", 0, 5, value=b"x")
    counting.ready = False
    assert decode(message) == NotYet(WANT)
    counting.ready = True
    assert decode(message) == b"x"

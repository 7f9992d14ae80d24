"""The product, over messages that can't be evaluated before they are so old: `waiting SECONDS COMMAND...`."""

from __future__ import annotations

import sys
import time

from greenflash_kafka.cli.main import run
from greenflash_kafka.decoding.decoders import Decode, FormatDecoders
from greenflash_kafka.decoding.json_format import decoder as json_decoder
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat


def main(seconds: float, command: list[str]) -> int:
    """Run this command of the product with such decoders in the place of its own."""
    delay = int(seconds * 1000)

    def decoder(_self: FormatDecoders, _topic: str, shape: Shape | None, _format: TopicFormat = PLAIN) -> Decode:
        decode = json_decoder(shape)

        def decoded(message: Message) -> object:
            due = message.timestamp_ms + delay
            return decode(message) if time.time() * 1000 >= due else NotYet(("horizon", ("clock",), due))

        return decoded

    def known(_self: FormatDecoders, want: Want) -> bool:
        return time.time() * 1000 >= float(want[2])

    FormatDecoders.decoder = decoder  # type: ignore[assignment, method-assign]
    FormatDecoders.known = known  # type: ignore[assignment, method-assign]
    return run(command)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))

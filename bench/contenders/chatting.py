"""Keeps a conversation topic and a topic of outcomes going, in lz4 batches, until it is ended.

`python -m bench.contenders.chatting BOOTSTRAP CHATS CHATS_A_SECOND OUTCOMES OUTCOMES_A_SECOND`
"""

from __future__ import annotations

import sys
import time

from confluent_kafka import Producer

from bench.linked_work import chat
from bench.work import messages, other_types
from tests.brokers.kafka import COMPRESSED

MATCHES = 10
"""One outcome of so many becomes an event."""


def main(servers: str, chats: str, chats_rate: float, outcomes: str, outcomes_rate: float) -> None:
    """One outcome in ten matches a rule."""
    producer = Producer({"bootstrap.servers": servers, **COMPRESSED, "compression.type": "lz4", "linger.ms": 200})
    plain, matching = list(other_types(900)), list(messages(900))
    began, said, told = time.monotonic(), 0, 0
    while True:
        elapsed = time.monotonic() - began
        while said < elapsed * chats_rate:
            producer.produce(chats, chat(said, int(time.time() * 1000), f"user-{said % 5000}", 1_000), b"%d" % said)
            said += 1
        while told < elapsed * outcomes_rate:
            value = matching[told % 900] if told % MATCHES == 0 else plain[told % 900]
            producer.produce(outcomes, value, b"%d" % told)
            told += 1
        producer.poll(0)
        time.sleep(0.05)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4], float(sys.argv[5]))

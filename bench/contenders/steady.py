"""Appends messages at a steady pace, each stamped with the moment of its sending.

`python steady.py BOOTSTRAP TOPIC COUNT RATE`
"""

from __future__ import annotations

import sys
import time

from confluent_kafka import Producer

from bench.work import other_types, stamped


def main(servers: str, topic: str, count: int, rate: float) -> None:
    """Append so many messages, each at once (no lingering), `rate` a second."""
    producer = Producer({"bootstrap.servers": servers, "linger.ms": 0})
    # One that becomes nothing: finding the partitions' leader and connecting are the producer's, not the way's.
    for message in other_types(1):
        producer.produce(topic, message)
    producer.flush()
    began = time.monotonic()
    for number in range(count):
        early = began + number / rate - time.monotonic()
        if early > 0:
            time.sleep(early)
        producer.produce(topic, stamped(number))
        producer.poll(0)
    producer.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))

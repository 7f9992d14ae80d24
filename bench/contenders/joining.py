"""The time a minimal client needs to join a group: prints the seconds from subscription to assignment.

`python joining.py BOOTSTRAP TOPIC [...]`
"""

from __future__ import annotations

import sys
import time

from confluent_kafka import Consumer


def main(servers: str, topic: str) -> None:
    """Join a new group the way this pipeline does by default."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": f"joining-{time.time()}",
            "partition.assignment.strategy": "cooperative-sticky",
        }
    )
    began = time.monotonic()
    assigned: list[float] = []
    consumer.subscribe([topic], on_assign=lambda *_: assigned.append(time.monotonic()))
    while not assigned:
        consumer.poll(0.01)
    print(assigned[0] - began)
    consumer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

"""CPU of a rule without Kafka and HTTP: prints us of `evaluate`, and of decoding the whole message, as JSON.

`python evaluating.py MAPPING_FILE TOPIC`
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.work import messages
from greenflash_kafka.decoding.json import decode
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

COUNT = 20_000


def main(mapping: str, topic: str) -> None:
    """Different messages, each evaluated once."""
    ruleset = load([Path(mapping)], {}).ruleset
    assert ruleset is not None, mapping
    snapshot = Snapshot(ruleset)
    values = list(messages(COUNT))
    taken = [Message(topic, 0, number, 1_784_000_000_000, value=value) for number, value in enumerate(values)]
    first = evaluate(taken[0], snapshot)
    assert isinstance(first, Outcome)
    assert len(first.events) == 1
    told = {
        "decode_us": _us(lambda: [decode(value) for value in values]),
        "evaluate_us": _us(lambda: [evaluate(message, snapshot) for message in taken]),
    }
    print(msgspec.json.encode(told).decode())


def _us(work: Callable[[], object]) -> float:
    """CPU of one message; the best of three, since what disturbs only adds."""
    found = []
    for _ in range(3):
        began = time.process_time()
        work()
        found.append((time.process_time() - began) / COUNT * 1e6)
    return min(found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

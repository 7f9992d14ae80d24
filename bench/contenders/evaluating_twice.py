"""The least that `diff` can cost: prints us of CPU of `evaluate` by both rule sets, of the mix of messages, as JSON.

`python -m bench.contenders.evaluating_twice OLD NEW TOPIC EVERY`: one message in `EVERY` becomes an event.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench.work import mixed
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot

COUNT = 20_000


def main(files: tuple[Path, Path], topic: str, every: int) -> None:
    """Different messages, each evaluated once by each; the best of three, since what disturbs only adds."""
    snapshots = []
    for each in files:
        ruleset = load([each], {}).ruleset
        assert ruleset is not None, each
        snapshots.append(Snapshot(ruleset))
    taken = [Message(topic, 0, number, 1, value=value) for number, value in enumerate(mixed(COUNT, every))]
    found = []
    for _ in range(3):
        began = time.process_time()
        for message in taken:
            for snapshot in snapshots:
                evaluate(message, snapshot)
        found.append((time.process_time() - began) / COUNT * 1e6)
    print(json.dumps({"cpu_us": min(found), "rate_core": 1e6 / min(found)}))


if __name__ == "__main__":
    main((Path(sys.argv[1]), Path(sys.argv[2])), sys.argv[3], int(sys.argv[4]))

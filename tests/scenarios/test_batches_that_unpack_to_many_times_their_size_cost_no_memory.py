"""Unpacked batches have a memory bound, whatever the codec and the number of partitions; larger ones pass."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.brokers.kafka import COMPRESSED, Record

PARTITIONS, MESSAGES = 12, 1_000
MOST_MB = 200.0
"""The process with all its libraries, and the messages of one fetch, unpacked. All of the topic is 240 MB, unpacked."""


def _peak_mb(pid: int) -> float:
    """The most that the process ever had in memory, as /proc says (proc(5): kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) / 1024


def test_batches_that_unpack_to_many_times_their_size_cost_no_memory(
    deployment: Any, until: Callable[..., None]
) -> None:
    (topic,) = deployment.topics(PARTITIONS)
    filler = b"x" * 20_000
    deployment.kafka.produce(
        topic,
        (
            Record(
                b'{"type":"seen","id":"%b","filler":"%b"}' % (os.urandom(100).hex().encode(), filler), partition=each
            )
            for _ in range(MESSAGES)
            for each in range(PARTITIONS)
        ),
        COMPRESSED,
    )
    process = deployment.run()
    process.until("partitions_assigned")
    until(lambda: deployment.kafka.lag(deployment.group, topic) == 0, "all to be filtered and committed")
    assert _peak_mb(process.process.pid) < MOST_MB
    assert process.stop() == 0


def test_a_batch_and_a_message_that_are_larger_than_every_limit_pass(deployment: Any) -> None:
    (topic,) = deployment.topics(2, config={"max.message.bytes": "20000000"})
    orders = [json.loads(each) for each in deployment.orders(22)]
    # Packed these are half of it: some 500 KB a batch, where an answer to a fetch may be 131,072 bytes.
    batch = [Record(json.dumps({**each, "filler": os.urandom(100_000).hex()}).encode()) for each in orders[:20]]
    deployment.kafka.produce(topic, (each._replace(partition=0) for each in batch), COMPRESSED)
    large = [Record(json.dumps({**each, "filler": "x" * 10_000_000}).encode(), partition=1) for each in orders[20:]]
    deployment.kafka.produce(topic, large)
    deployment.run_until_idle()
    assert set(deployment.stored()) == {f"upgrade_purchased:o{number}" for number in range(22)}

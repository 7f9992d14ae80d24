"""Reading a table's topic whole into a new file, or by hand into a dict: prints CPU, time and memory as JSON.

`python -m bench.contenders.restoring_rows BOOTSTRAP TOPIC ROWS FOLDER|-`: with `-` by hand.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from confluent_kafka import Consumer, TopicPartition

from bench.contenders.restoring import resident
from bench.table_work import LOOKED_UP
from greenflash_kafka.app.linking import LinkingSettings, conversation_log, tabulate
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.compaction import Compaction
from greenflash_kafka.source.subscription import Subscription
from tests.simulation.world import Notices


def main(servers: str, topic: str, rows: int, folder: str) -> None:
    """Prepare, measure, and print."""
    read = by_hand(servers, topic, rows) if folder == "-" else prepared(servers, topic, rows, Path(folder))
    before, cpu, began = resident(), time.process_time(), time.monotonic()
    file_bytes = read()
    cpu, seconds = time.process_time() - cpu, time.monotonic() - began
    print(
        json.dumps(
            {
                "rate": rows / cpu,
                "cpu_us": cpu / rows * 1e6,
                "seconds": seconds,
                "memory_mb": resident(),
                "growth_mb": resident() - before,
                "disk_mb": file_bytes / 1e6,
            }
        )
    )


def prepared(servers: str, topic: str, rows: int, folder: Path) -> Callable[[], float]:
    """Turns the reader as the loop does, until a message of now would be looked up; gives the bytes of the file."""
    (folder / "outcomes.yaml").write_text(LOOKED_UP.replace("CUSTOMERS", topic).replace("TOPIC", "outcomes"))
    ruleset = load([folder], {}).ruleset
    assert ruleset is not None
    client = properties.ClientSettings(bootstrap_servers=servers, group="bench-restoring-rows")
    cluster, notices = AdminQueries(properties.admin(client)), Notices()
    log = conversation_log(client, Subscription([topic], []), cluster, notices, logging.getLogger(), "tables")
    rules = Snapshot(ruleset, EvaluationContext(cluster.cluster_id()))
    settings, forgets = LinkingSettings(folder, None), Compaction(cluster).of
    linked, reader = tabulate(rules, log, "bench", SystemClock(), notices, settings, forgets)
    conversations = linked.context.conversations
    assert conversations is not None
    # What the last rows wait for, with the delay that is meant already over.
    recorded = int(time.time() * 1000) - 120_000

    def read() -> float:
        while not conversations.known(("tables.customers",), recorded):
            reader.turn()
            time.sleep(min(0.005, reader.wait))
        tables = linked.context.tables
        assert tables is not None
        assert tables.row("tables.customers", f"cus_{rows - 1:014d}", recorded) is not None
        reader.report()
        return float(sum(each.stat().st_size for each in folder.iterdir() if "sqlite" in each.name))

    return read


def by_hand(servers: str, topic: str, rows: int) -> Callable[[], float]:
    """A loop over the same topic into a dict: no horizon, no file, nothing kept over a restart."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "bench-by-hand", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    decoder = msgspec.json.Decoder()

    def read() -> float:
        found: dict[str, str] = {}
        while len(found) < rows:
            for message in consumer.consume(10_000, 0.1):
                value = message.value()
                if value is not None:
                    row = decoder.decode(value)
                    found[row["id"]] = row["user_id"]
        return 0.0

    return read


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])

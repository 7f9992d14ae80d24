"""Reading a conversation topic whole into a new table: prints CPU, time and memory as JSON.

`python -m bench.contenders.restoring BOOTSTRAP TOPIC RECORDS FOLDER`
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

from bench.linked_work import CHATS, LINKED
from greenflash_kafka.app.linking import LinkingSettings, conversation_log, link
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.subscription import Subscription
from tests.simulation.world import Notices


def main(servers: str, topic: str, records: int, folder: Path) -> None:
    """Turn the reader as the loop does, until a message of now would be linked."""
    (folder / "chats.yaml").write_text(CHATS.replace("CHATS", topic))
    (folder / "outcomes.yaml").write_text(LINKED.replace("TOPIC", "outcomes"))
    ruleset = load([folder], {}).ruleset
    assert ruleset is not None
    client = properties.ClientSettings(bootstrap_servers=servers, group="bench-restoring")
    cluster, notices = AdminQueries(properties.admin(client)), Notices()
    log = conversation_log(client, Subscription([topic], []), cluster, notices, logging.getLogger())
    rules = Snapshot(ruleset, EvaluationContext(cluster.cluster_id()))
    linked, reader = link(rules, log, "bench", SystemClock(), notices, LinkingSettings(folder, None))
    conversations = linked.context.conversations
    assert conversations is not None
    # What the last chats wait for, with the delay that is meant already over.
    recorded = int(time.time() * 1000) - 120_000
    before, cpu, began = resident(), time.process_time(), time.monotonic()
    while not conversations.known(("chat",), recorded):
        reader.turn()
        time.sleep(min(0.005, reader.wait))
    cpu, seconds = time.process_time() - cpu, time.monotonic() - began
    reader.report()
    points = notices.gauges["conversation_points", ()]
    assert points >= records * 0.99, (points, records)
    print(
        json.dumps(
            {
                "rate": records / cpu,
                "cpu_us": cpu / records * 1e6,
                "seconds": seconds,
                "memory_mb": resident(),
                "growth_mb": resident() - before,
                "bytes": notices.gauges["conversation_bytes", ()] / points,
            }
        )
    )
    reader.close()


def resident() -> float:
    """Megabytes of this process; 0 where nobody tells."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0.0
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))

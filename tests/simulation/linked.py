"""Linking in a simulated process: the real reader, table and client of the log, on the simulated cluster and time."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from greenflash_kafka.app.linking import connect
from greenflash_kafka.linking.table import ActivityTable, StoredPartition
from greenflash_kafka.ports import Clock, Listener, TopicPartition
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.conversation_log import KafkaConversationLog
from greenflash_kafka.source.subscription import Subscription
from tests.simulation.kafka.cluster import MemoryKafka
from tests.simulation.kafka.log_cluster import MemoryLogCluster, Slowness
from tests.simulation.points import LogConsumer, Process


class Table(ActivityTable):
    """The table of a process that can die before and after everything that is kept."""

    def __init__(self, process: Process, path: Path, declaration: str) -> None:
        self._process = process
        super().__init__(path, declaration, b"simulated")

    def commit(self, partitions: Mapping[TopicPartition, StoredPartition]) -> None:
        self._process.point("table.write.before")
        super().commit(partitions)
        self._process.point("table.write.after")


class Linked:
    """What a process needs to link, and what of it ends with the process."""

    def __init__(
        self,
        process: Process,
        listener: Listener,
        cluster: MemoryKafka,
        rules: Snapshot,
        clock: Clock,
        folder: Path,
        margin_ms: int,
        slowness: Slowness,
    ) -> None:
        folder.mkdir(exist_ok=True)
        ruleset = rules.ruleset
        self._folder = folder
        self._clients: list[LogConsumer] = []

        def client(settings: Mapping[str, Any], **_: object) -> Any:
            self._clients.append(LogConsumer(process, settings, cluster))
            return self._clients[-1]

        log = KafkaConversationLog(
            {"auto.offset.reset": "error"},
            Subscription(ruleset.conversation_topics, ruleset.conversation_patterns, None),
            MemoryLogCluster(cluster, lambda: process.point("log.ask.before"), slowness),
            listener,
            now=clock.now,
            monotonic=clock.monotonic,
            client=client,
        )
        self._table = Table(process, folder / "table.sqlite", ruleset.conversations_version)
        self.rules, self.reader = connect(rules, log, self._table, clock, listener, margin=margin_ms)

    def die(self, *, loses: bool) -> None:
        """kill -9: nothing more is written; what the table has kept may be lost too."""
        for each in self._clients:
            each.kill()
        self._table.close(finished=False)
        if loses:
            shutil.rmtree(self._folder)

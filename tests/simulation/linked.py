"""Linking in a simulated process: the real readers, tables and clients of the log, on simulated clusters and time."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from greenflash_kafka.app.linking import connect, connect_tables
from greenflash_kafka.linking.row_table import RowTable
from greenflash_kafka.linking.table import ActivityTable, StoredPartition
from greenflash_kafka.linking.two_readers import TwoReaders
from greenflash_kafka.ports import Clock, ConversationReader, Listener, TopicPartition
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.conversation_log import KafkaConversationLog
from greenflash_kafka.source.subscription import Subscription
from tests.simulation.customers import Customers
from tests.simulation.kafka.cluster import MemoryKafka
from tests.simulation.kafka.consumer import FETCHED
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


class Rows(RowTable):
    """The same of a table from a topic."""

    def __init__(self, process: Process, path: Path, declaration: str) -> None:
        self._process = process
        super().__init__(path, declaration, b"simulated")

    def commit(self, partitions: Mapping[TopicPartition, StoredPartition]) -> None:
        self._process.point("rows.write.before")
        super().commit(partitions)
        self._process.point("rows.write.after")


class Linked:
    """What a process needs to link and to look up, and what of it ends with the process."""

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
        customers: Customers | None,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._process, self._listener, self._cluster, self._clock = process, listener, cluster, clock
        self._folder = folder
        self._clients: list[LogConsumer] = []
        self._tables: list[ActivityTable] = []
        ruleset, readers = rules.ruleset, list[ConversationReader]()
        if ruleset.sources:
            subscription = Subscription(ruleset.conversation_topics, ruleset.conversation_patterns, None)
            table = Table(process, folder / "table.sqlite", ruleset.conversations_version)
            log = self._log(subscription, slowness, FETCHED)
            rules, reader = connect(rules, log, table, clock, listener, margin=margin_ms)
            self._tables.append(table)
            readers.append(reader)
        if customers is not None:
            rows = Rows(process, folder / "rows.sqlite", ruleset.tables_version)
            log = self._log(Subscription(ruleset.table_topics, (), None), customers.slowness, customers.fetched)
            rules, reader = connect_tables(rules, log, rows, clock, listener, customers.forgets(), margin=margin_ms)
            self._tables.append(rows)
            readers.append(reader)
        self.rules, self.reader = rules, readers[0] if len(readers) == 1 else TwoReaders(*readers)

    def _log(self, subscription: Subscription, slowness: Slowness, fetched: int) -> KafkaConversationLog:
        def client(settings: Mapping[str, Any], **_: object) -> Any:
            self._clients.append(LogConsumer(self._process, settings, self._cluster))
            self._clients[-1].fetched = fetched
            return self._clients[-1]

        return KafkaConversationLog(
            {"auto.offset.reset": "error"},
            subscription,
            MemoryLogCluster(self._cluster, lambda: self._process.point("log.ask.before"), slowness),
            self._listener,
            now=self._clock.now,
            monotonic=self._clock.monotonic,
            client=client,
        )

    def die(self, *, loses: bool) -> None:
        """kill -9: nothing more is written; what the tables have kept may be lost too."""
        for each in self._clients:
            each.kill()
        for table in self._tables:
            table.close(finished=False)
        if loses:
            shutil.rmtree(self._folder)

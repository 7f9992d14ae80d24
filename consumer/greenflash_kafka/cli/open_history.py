"""Messages of the past, as the flags of `history_flags` ask for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click
import msgspec

from greenflash_kafka.app.settings import client_settings
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import secrets
from greenflash_kafka.errors import TopicMissing
from greenflash_kafka.instrumentation.logs import Logs, kafka_logger
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import History
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.compaction import Compaction
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.recording import RecordedHistory
from greenflash_kafka.source.subscription import Subscription
from greenflash_kafka.source.window import Window, ask_ranges

REQUIRED: Final = ("kafka.bootstrap_servers",)


class HistoryFlags(msgspec.Struct, frozen=True):
    """What the flags say. Times are milliseconds since 1970."""

    file: Path | None = None
    since: int | None = None
    until: int | None = None
    last: int | None = None
    recording: Path | None = None

    @property
    def window(self) -> Window:
        """The window that they mean. Raises click's usage error for one that ends before it begins."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            raise click.UsageError("--until isn't after --since: nothing lies between them")
        return Window(self.since, self.until, self.last)


class OpenHistory(msgspec.Struct, frozen=True):
    """Messages of the past, and what evaluation needs beside them. `config` is None if a recording takes the place of
    Kafka and there is no config file; `ranges` are all offsets that are read; `properties` are those of a reader of
    them, secrets included, and empty for a recording. `unwanted` topics were asked for and are left out, `absent` ones
    can't be read (why, in words), and `empty` ones have no message in the window. `forgets` tells of
    a topic whether compaction deletes its records, or may."""

    history: History
    config: Config | None
    cluster_id: str
    topic_ids: Mapping[str, str]
    ranges: tuple[OffsetRange, ...]
    properties: Mapping[str, str] = {}
    unwanted: tuple[str, ...] = ()
    absent: Mapping[str, str] = {}
    empty: tuple[str, ...] = ()
    forgets: Callable[[str], bool] = lambda _: True

    def messages(self, limit: int = 10_000) -> Iterator[list[Message]]:
        """The messages, in portions."""
        while not self.history.done:
            yield self.history.take(limit, 0.2)


@contextmanager
def opened(
    flags: HistoryFlags,
    topics: Sequence[str],
    patterns: Sequence[str] = (),
    *,
    wanted: Callable[[str], bool] = lambda _: True,
    all_there: bool = True,
    begin: bool = True,
) -> Iterator[OpenHistory]:
    """These topics' messages, and those of topics that match a pattern, in the window; of no topic that isn't `wanted`.
    `all_there` False: a topic that isn't there is none to fail for. `begin` False: nothing is read of Kafka yet, since
    the caller reads parts of the ranges by the properties. Raises ConfigInvalid, TopicMissing,
    BrokerUnreachable, RecordingInvalid."""
    if flags.recording is not None:
        meant = Subscription(topics, patterns, None)
        recorded = RecordedHistory(
            flags.recording, lambda topic: bool(meant.among([topic])) and wanted(topic), flags.window
        )
        header = recorded.header
        ranges = tuple(each for each in header.ranges if meant.among([each.topic]) and wanted(each.topic))
        lacking = sorted(set(topics) - {each.topic for each in header.ranges})
        unwanted = {each.topic for each in header.ranges if meant.among([each.topic]) and not wanted(each.topic)}
        try:
            yield OpenHistory(
                recorded,
                _config(flags),
                header.cluster_id,
                header.topic_ids,
                ranges,
                unwanted=tuple(sorted(unwanted)),
                absent=dict.fromkeys(lacking, "isn't in the recording"),
                forgets=lambda topic: topic not in header.not_compacted,
            )
        finally:
            recorded.close()
        return
    environ = dict(os.environ)
    config = load_config(config_file(flags.file, environ), environ, {}, required=REQUIRED)
    client = client_settings(config.kafka, environ)
    logs = Logs(sys.stderr, "text", "warning", Redactor(secrets(config, client.properties)), burst=1)
    logs.install()
    try:
        with settings_refused(client):
            cluster = AdminQueries(properties.admin(client), logger=kafka_logger())
        there = cluster.matching(topics, patterns)
        absent = cluster.missing(topics)
        if all_there:
            for name, why in absent.items():
                raise TopicMissing(f"the topic {name!r} {why}")
        found = {name: count for name, count in there.items() if wanted(name)}
        ranges = ask_ranges(flags.window, cluster, found)
        ids = {name: each for name, each in cluster.ids(sorted(found)).items() if each is not None}
        compaction = Compaction(cluster)
        reader = properties.reader(client)
        with settings_refused(client):
            history = KafkaHistory(reader, ranges if begin else (), kafka_logger())
        try:
            yield OpenHistory(
                history,
                config,
                cluster.cluster_id(),
                ids,
                ranges,
                reader,
                tuple(sorted(there.keys() - found.keys())),
                absent,
                tuple(sorted(found.keys() - {each.topic for each in ranges})),
                lambda topic: compaction.settled(topic, cluster.timeout + 1),
            )
        finally:
            history.close()
    finally:
        logs.flush()


def mappings_of(flags: HistoryFlags) -> tuple[Path, ...]:
    """The mapping files that the configuration names, in its file or in a variable, if there is one."""
    config = _config(flags)
    if config is None and "GREENFLASH_KAFKA_MAPPINGS" in os.environ:
        config = load_config(None, dict(os.environ), {}, required=())
    return () if config is None else config.mappings


def _config(flags: HistoryFlags) -> Config | None:
    environ = dict(os.environ)
    file = config_file(flags.file, environ)
    return None if file is None else load_config(file, environ, {}, required=())

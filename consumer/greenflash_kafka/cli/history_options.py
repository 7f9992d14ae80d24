"""The flags of all verbs that read messages of the past, and the messages."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from greenflash_kafka.app.settings import client_settings
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import secrets
from greenflash_kafka.errors import TopicMissing
from greenflash_kafka.instrumentation.logs import Logs, kafka_logger
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import History
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.recording import RecordedHistory
from greenflash_kafka.source.window import Window, ask_ranges

REQUIRED: Final = ("kafka.bootstrap_servers",)

_AGO: Final = re.compile(r"([0-9]{1,6})([smhdw])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class PastTime(click.ParamType[int]):
    """A time that has passed, in milliseconds since 1970: so long ago (`7d`, `36h`), or ISO 8601 (UTC without zone)."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See click. `param` and `ctx` name the flag in what is said of a value that is no time."""
        if isinstance(value, int):
            return value
        ago = _AGO.fullmatch(value)
        if ago is not None:
            return int((datetime.now(UTC).timestamp() - int(ago[1]) * _SECONDS[ago[2]]) * 1000)
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is neither so long ago (7d, 36h, 90m) nor a time such as 2026-11-18T00:00:00Z", param, ctx
            )
        return int((found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp() * 1000)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The flags; the command takes them as the keyword arguments of `HistoryFlags`."""
    for option in (
        click.option("--from", "recording", type=click.Path(path_type=Path), metavar="FILE",
                     help="A recording (`record`) in place of Kafka."),
        click.option("--last", type=click.IntRange(1), metavar="N", help="At most the last N messages of a topic."),
        click.option("--until", type=PastTime(), metavar="TIME", help="Messages before this time."),
        click.option("--since", type=PastTime(), metavar="TIME", help="Messages since this time: 7d, 36h, 2026-11-18."),
        click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE",
                     help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here]."),
    ):  # fmt: skip
        command = option(command)
    return command


class HistoryFlags(msgspec.Struct, frozen=True):
    """What the flags say. Times are milliseconds since 1970."""

    file: Path | None = None
    since: int | None = None
    until: int | None = None
    last: int | None = None
    recording: Path | None = None

    @property
    def window(self) -> Window:
        """The window that they mean."""
        return Window(self.since, self.until, self.last)


class OpenHistory(msgspec.Struct, frozen=True):
    """Messages of the past, and what evaluation needs beside them. `config` is None if a recording takes the place of
    Kafka and there is no config file; `ranges` are all offsets that are read."""

    history: History
    config: Config | None
    cluster_id: str
    topic_ids: Mapping[str, str]
    ranges: tuple[OffsetRange, ...]

    def messages(self, limit: int = 10_000) -> Iterator[list[Any]]:
        """The messages, in portions."""
        while not self.history.done:
            yield self.history.take(limit, 0.2)


@contextmanager
def opened(flags: HistoryFlags, topics: Sequence[str], patterns: Sequence[str] = ()) -> Iterator[OpenHistory]:
    """These topics' messages, and those of topics that match a pattern, in the window. Raises ConfigInvalid,
    TopicMissing, BrokerUnreachable, RecordingInvalid."""
    if flags.recording is not None:
        recorded = RecordedHistory(flags.recording, topics or None, flags.window)
        header = recorded.header
        try:
            yield OpenHistory(recorded, _config(flags), header.cluster_id, header.topic_ids, header.ranges)
        finally:
            recorded.close()
        return
    environ = dict(os.environ)
    config = load_config(config_file(flags.file, environ), environ, {}, required=REQUIRED)
    client = client_settings(config.kafka, environ)
    logs = Logs(sys.stderr, "text", "warning", Redactor(secrets(config, client.properties)))
    logs.install()
    try:
        with settings_refused(client):
            cluster = AdminQueries(properties.admin(client), logger=kafka_logger())
        found = cluster.matching(topics, patterns)
        for name, why in cluster.missing(topics).items():
            raise TopicMissing(f"the topic {name!r} {why}")
        ranges = ask_ranges(flags.window, cluster, found)
        ids = {name: each for name, each in cluster.ids(sorted(found)).items() if each is not None}
        with settings_refused(client):
            history = KafkaHistory(properties.reader(client), ranges, kafka_logger())
        try:
            yield OpenHistory(history, config, cluster.cluster_id(), ids, ranges)
        finally:
            history.close()
    finally:
        logs.flush()


def _config(flags: HistoryFlags) -> Config | None:
    environ = dict(os.environ)
    file = config_file(flags.file, environ)
    return None if file is None else load_config(file, environ, {}, required=())

"""The dead-letter topic as the verbs of `dlq` open it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from greenflash_kafka.app.settings import client_settings
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import secrets
from greenflash_kafka.dlq.place import ReplayPlace
from greenflash_kafka.dlq.progress import Progress
from greenflash_kafka.dlq.topic import TopicReader, by_partition
from greenflash_kafka.instrumentation.logs import Logs, kafka_logger
from greenflash_kafka.redaction import Redactor
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.rights import group_refusal
from greenflash_kafka.source.start_questions import require_topic

REQUIRED = ("kafka.bootstrap_servers", "dead_letter.topic")
REQUIRED_TO_SEND = (*REQUIRED, "greenflash.api_key")


class Opened(msgspec.Struct, frozen=True):
    """The topic with its bounds as they were when the command began."""

    config: Config
    topic: str
    reader: TopicReader
    starts: dict[int, int]
    ends: dict[int, int]
    logs: Logs
    client: ClientSettings
    cluster: AdminQueries
    take_place: Callable[[], None]
    """Become the one that sends; raises `ReplayRuns` while there is another."""


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The flags that every verb of `dlq` takes."""
    for option in (
        click.option("--dead-letter-topic", metavar="NAME", help="The topic [default: the configuration's]."),
        click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE",
                     help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here]."),
    ):  # fmt: skip
        command = option(command)
    return command


@contextmanager
def opened(
    file: Path | None, dead_letter_topic: str | None, group: str = "", required: tuple[str, ...] = REQUIRED
) -> Iterator[Opened]:
    """The dead-letter topic, to be read without joining any group.

    Raises `ConfigInvalid`, `TopicMissing`, `BrokerUnreachable`.
    """
    environ = dict(os.environ)
    flags = {"dead_letter.topic": dead_letter_topic}
    config = load_config(config_file(file, environ), environ, flags, required=required)
    client = client_settings(config.kafka, environ)
    logs = Logs(sys.stderr, "text", "warning", Redactor(secrets(config, client.properties)))
    logs.install()
    topic = config.dead_letter.topic
    with settings_refused(client):
        cluster = AdminQueries(properties.admin(client), logger=kafka_logger())
        # Assigned by hand, so the group's protocol has no say; a name of its own keeps the real group's offsets apart.
        name = group or f"{config.kafka.group}.dlq-replay"
        alone = msgspec.structs.replace(client, group=name, group_protocol="classic")
        reader = TopicReader(properties.consumer(alone), topic, kafka_logger())

    def take_place() -> None:
        reader.place = ReplayPlace(
            properties.consumer(alone),
            lambda: cluster.ask_group(name),
            name,
            topic,
            logger=kafka_logger(),
            refusal=group_refusal(cluster.properties, name),
        )
        reader.place.take()

    try:
        require_topic(cluster, topic, "the dead-letter topic")
        partitions = [(topic, each) for each in range(cluster.partitions()[topic])]
        starts = by_partition(cluster.offsets(partitions, "earliest"))
        ends = by_partition(cluster.offsets(partitions, "latest"))
        yield Opened(config, topic, reader, starts, ends, logs, client, cluster, take_place)
    finally:
        reader.close()
        logs.flush()


def progress(dead_letters: Opened, again: bool) -> dict[int, Progress]:
    """Where a replay begins in each partition; with `again` at the oldest letter, whatever was replayed before."""
    found = {} if again else dead_letters.reader.progress(list(dead_letters.ends))
    return {each: _since(found.get(each), start) for each, start in dead_letters.starts.items()}


def _since(was: Progress | None, start: int) -> Progress:
    """What retention took is no letter any more."""
    if was is None:
        return Progress(start)
    return Progress(max(was.next_offset, start), frozenset(each for each in was.kept if each >= start))

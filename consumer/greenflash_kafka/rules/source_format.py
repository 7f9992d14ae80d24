"""The way in which a file's topics are read; and whether files that read one topic say the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_nodes import Scalar
from greenflash_kafka.model.formats import AUTO, BY_FILE
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.model.topic_format import PLAIN, Envelope, TopicFormat
from greenflash_kafka.rules.durations import duration_text
from greenflash_kafka.rules.expressions.paths import ENVELOPES
from greenflash_kafka.rules.schema_files import read_schema_file
from greenflash_kafka.rules.validity import read_moment

_SAID_BY_ANY: Final = ("schema", "message", "subject", "initial_offset", "max_age")
"""What a file leaves to another that reads the topic, if it doesn't say it; beside `format`."""

SAID_BY_ALL: Final = ("envelope", "snapshots")
"""What changes the meaning of paths, or which messages there are: each file says it."""


def read_source(source: Values | None, folder: Path, tree: FileTree, report: FileReport) -> TopicFormat:
    """What `source` says of the format; `folder` is the mapping file's, `tree` has the files in it."""
    if source is None:
        return PLAIN
    format, key = source.get("format"), source.get("key")
    named = format if isinstance(format, str) else AUTO
    message, subject = _text(source.get("message")), _text(source.get("subject"))
    file = source.get("schema")
    schema = None
    if isinstance(file, Scalar):
        if named in BY_FILE:
            schema = read_schema_file(file, named, folder, tree, report)
        else:
            report.add(source.at("schema"), "missing-key", *_SCHEMA_WITHOUT_FORMAT)
    if message is not None and named != "protobuf":
        report.add(source.at("message"), "bad-literal", "only Protobuf's schemas have messages", "leave it out")
    elif named == "protobuf" and source.has("schema") and not source.has("message"):
        said = "a .proto file may define several messages: `message` says which one values are"
        report.add(source.at("schema"), "missing-key", said, "add message: with its full name, package included")
    envelope, snapshots = _envelope(source, report)
    return TopicFormat(
        named,
        schema,
        message,
        envelope,
        snapshots,
        key="auto" if key == "auto" else "json" if key == "json" else "text",
        subject=subject,
        initial_offset=_initial_offset(source, report),
        max_age=age if isinstance(age := source.get("max_age"), int) else None,
    )


def _envelope(source: Values, report: FileReport) -> tuple[Envelope, bool | None]:
    """What messages are wrapped in, and whether rows of snapshots are read."""
    said, snapshots = source.get("envelope"), source.get("snapshots")
    envelope: Envelope = next((known for known in ENVELOPES if known == said), "none")
    if source.has("snapshots") and envelope != "debezium" and not (source.has("envelope") and said is None):
        words = "only Debezium's messages are told apart by `snapshots`"
        report.add(source.at("snapshots"), "missing-key", words, "add envelope: debezium, or leave it out")
    return envelope, snapshots == "include" if isinstance(snapshots, str) else None


_SCHEMA_WITHOUT_FORMAT: Final = (
    "with a schema's file `format` says what values are",
    "add format: avro, or format: protobuf",
)


def _initial_offset(source: Values, report: FileReport) -> StartAt | None:
    """Where a group begins in topics that it hasn't read anything of; a time without a zone is UTC."""
    node = source.get("initial_offset")
    text = node.text if isinstance(node, Scalar) else ""
    match text:
        case "latest" | "earliest":
            return text
    moment = read_moment(text, None)
    if moment is not None:
        return int(moment.timestamp() * 1000)
    if node is not None:
        said = "`initial_offset` is latest, earliest, or a time"
        report.add(source.at("initial_offset"), "bad-time", said, "e.g. initial_offset: 2026-12-01T00:00:00Z")
    return None


def _text(value: object) -> str | None:
    return value.text if isinstance(value, Scalar) else None


def contradiction(one: TopicFormat, other: TopicFormat) -> str | None:
    """The first key of `source` in which two files contradict each other; None if both can read one topic."""
    if AUTO not in (one.format, other.format) and one.format != other.format:
        return "format"
    for key in _SAID_BY_ANY:
        if None not in (said := (getattr(one, key), getattr(other, key))) and said[0] != said[1]:
            return key
    return next((key for key in SAID_BY_ALL if getattr(one, key) != getattr(other, key)), None)


def written(format: TopicFormat, key: str) -> str:
    """What a file says under this key, as it writes it; "" if nothing."""
    value = getattr(format, key)
    match value:
        case None | "none":
            return ""
        case False:
            return "skip"
        case True:
            return "include"
        case Schema():
            return value.subject or "another file"
    if key == "max_age" and isinstance(value, int):
        return duration_text(value)
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return str(value)


def together(formats: Iterable[TopicFormat]) -> TopicFormat:
    """What files say together that read one topic and don't contradict each other; of those that do, the first."""
    found = None
    for each in formats:
        if found is None:
            found = each
        elif contradiction(found, each) is None:
            found = msgspec.structs.replace(
                found,
                format=each.format if found.format == AUTO else found.format,
                schema=found.schema or each.schema,
                message=found.message or each.message,
                subject=found.subject or each.subject,
                initial_offset=each.initial_offset if found.initial_offset is None else found.initial_offset,
                max_age=each.max_age if found.max_age is None else found.max_age,
                key="auto" if "auto" in (found.key, each.key) else found.key,
            )
    return found or PLAIN

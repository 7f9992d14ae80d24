"""The way in which a file's topics are read, as its `source` says it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_nodes import Scalar
from greenflash_kafka.expressions.paths import ENVELOPES
from greenflash_kafka.mappings.schema_files import read_schema_file
from greenflash_kafka.mappings.validity import read_moment
from greenflash_kafka.model.formats import AUTO, BY_FILE
from greenflash_kafka.model.start_at import StartAt
from greenflash_kafka.model.topic_format import PLAIN, Envelope, TopicFormat


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

"""A case's message: the file's, with the case's parts in place of its own, then `set` and `unset`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from greenflash_kafka.cases.payload_changes import BadPath, parse, remove_at, set_at
from greenflash_kafka.cases.unlikely_paths import warn_of_file, warn_of_set, warn_of_unset
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Key, ListType, MapType, RecordType, Values
from greenflash_kafka.documents.value_types import AnyTextType, InstantType, IntegerType, Json, JsonType
from greenflash_kafka.documents.yaml_nodes import Place, Scalar, beginning, place
from greenflash_kafka.model.message import Message

MESSAGE: Final = RecordType(
    "`message`",
    (
        Key("topic", AnyTextType(), "The topic; the mapping's, if it reads exactly one."),
        Key("key", JsonType(), "The record's key, a text or JSON; none if not said."),
        Key("headers", MapType(AnyTextType(null=True), "a map of names to texts", names=None), "The record's headers."),
        Key(
            "timestamp",
            InstantType("timestamp"),
            "The record's timestamp; the event's own time if not said, else none.",
        ),
        Key("partition", IntegerType(), "0 if not said."),
        Key("offset", IntegerType(), "0 if not said."),
        Key("payload", JsonType(), "The value, as JSON; null is a tombstone."),
        Key(
            "file",
            AnyTextType(),
            "In place of `payload`: a file that has it, relative to the cases file; one that isn't JSON has the bytes.",
        ),
        Key("raw", AnyTextType(), "In place of `payload`: the value's very text, which need not be JSON."),
        Key(
            "schema",
            AnyTextType(),
            "The subject, or the file (.avsc, .proto, .json), of the schema by which `payload` is encoded; "
            "the topic's if not said.",
        ),
    ),
    listed=True,
)
SET: Final = MapType(JsonType(), "a map of paths and values", names=None)
UNSET: Final = ListType(AnyTextType("a path"), "a list of paths")

_BODIES: Final = ("payload", "file", "raw")
_BYTES: Final = (".avro", ".bin", ".pb")
"""Endings of files that have a value's very bytes."""

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class Beside(NamedTuple):
    """Where files are that a case names relative to its own."""

    folder: Path
    tree: FileTree


def build(file: Values | None, case: Values, beside: Beside, topic: str, report: FileReport) -> Message:
    """The Kafka record of a case; `file` is the file's `message`, `topic` the one to take when none is written.

    Without a timestamp the record has none here (`record_time`): nothing reads a clock.
    """
    own = case.get("message")
    parts = _merged(file, own if isinstance(own, Values) else None)
    if not topic and "topic" not in parts:
        said = "the message has no topic, and the mapping doesn't read exactly one"
        report.add(beginning(case.node), "missing-key", said, "write `topic:` under `message`")
    return _record(parts, topic, _value(parts, case, beside, report))


def schema_of_payload(file: Values | None, case: Values) -> str | None:
    """The schema that the message's parts name; None for the topic's. "" for a message that is `raw`, and for a file
    of bytes: these have none to be encoded by."""
    own = case.get("message")
    parts = _merged(file, own if isinstance(own, Values) else None)
    name, content = parts.get("schema"), parts.get("file")
    if "raw" in parts or (isinstance(content, Scalar) and content.text.endswith(_BYTES)):
        return ""
    return name.text if isinstance(name, Scalar) else None


def _record(parts: Mapping[str, object], topic: str, value: bytes | None) -> Message:
    written = parts.get("topic")
    time, partition, offset = parts.get("timestamp"), parts.get("partition"), parts.get("offset")
    return Message(
        topic=written.text if isinstance(written, Scalar) else topic,
        partition=partition if isinstance(partition, int) else 0,
        offset=offset if isinstance(offset, int) else 0,
        timestamp_ms=milliseconds(time) if isinstance(time, datetime) else 0,
        key=_key(parts.get("key")),
        value=value,
        headers=_headers(parts.get("headers")),
        timestamp_type="create" if isinstance(time, datetime) else "none",
    )


def milliseconds(time: datetime) -> int:
    """A time in milliseconds since 1970."""
    return int(time.timestamp()) * 1000 + time.microsecond // 1000


def without_payload(message: Values | None, topic: str) -> Message:
    """The record that `message` says, without its payload; `topic` is the one to take when none is written."""
    return _record({} if message is None else _parts(message), topic, None)


def _merged(file: Values | None, case: Values | None) -> dict[str, object]:
    """The parts of a message, None for one with a mistake: the case's replace the file's, and any body (payload, file,
    raw) replaces the body."""
    parts, own = ({} if each is None else _parts(each) for each in (file, case))
    if any(body in own for body in _BODIES):
        parts = {name: part for name, part in parts.items() if name not in _BODIES}
    return {**parts, **own}


def _parts(values: Values) -> dict[str, object]:
    return {key.name: values.get(key.name) for key in MESSAGE.keys if values.has(key.name)}


def _key(key: object) -> bytes | None:
    if not isinstance(key, Json) or key.value is None:
        return None
    return key.value.encode() if isinstance(key.value, str) else _ENCODER.encode(key.value)


def _headers(headers: object) -> tuple[tuple[str, bytes | None], ...]:
    texts = {name: value for name, (_, value) in headers.items()} if isinstance(headers, dict) else {}
    return tuple((name, None if each.value is None else each.text.encode()) for name, each in texts.items())


def _value(parts: Mapping[str, object], case: Values, beside: Beside, report: FileReport) -> bytes | None:
    bodies = [body for body in _BODIES if body in parts]
    if len(bodies) != 1:
        said = "two of `payload`, `file` and `raw` are given" if bodies else "the message has no `payload`"
        report.add(beginning(case.node), "missing-key", said, "write one of `payload`, `file` and `raw`")
        return None
    kind, body = bodies[0], parts[bodies[0]]
    changed = case.has("set") or case.has("unset")
    if kind == "raw":
        if changed:
            said = "`set` and `unset` change a payload; this message is `raw`"
            report.add(beginning(case.node), "bad-literal", said)
        return body.text.encode() if isinstance(body, Scalar) else b""
    if isinstance(body, Scalar):
        content = _content(body, beside, report)
        if content is None or not changed:
            return content
        payload = _decoded(content, body, report)
    else:
        payload = body.value if isinstance(body, Json) else None
        warn_of_file(payload, _payload_place(case), report)
    payload = _changed(payload, case, report)
    return None if payload is None else _ENCODER.encode(payload)


def _payload_place(case: Values) -> Place:
    """Where the payload of a case is written: its own, or else where the case begins."""
    message = case.get("message")
    return message.at("payload") if isinstance(message, Values) else beginning(case.node)


def _content(file: Scalar, beside: Beside, report: FileReport) -> bytes | None:
    try:
        return beside.tree.read(beside.folder / file.text)
    except OSError as error:
        said = f"{file.text} can't be read: {error.strerror or type(error).__name__}"
        report.add(place(file), "unreadable-file", said, "the path is relative to the cases file")
        return None


def _decoded(content: bytes, file: Scalar, report: FileReport) -> Any:
    try:
        return decode(content)
    except DecodeError as error:
        report.add(place(file), "bad-json", f"`set` and `unset` need JSON, and the file isn't: {error}")
        return None


def _changed(payload: Any, case: Values, report: FileReport) -> Any:
    changes, removals = case.get("set"), case.get("unset")
    for path, (key, value) in changes.items() if isinstance(changes, dict) else ():
        try:
            steps = parse(path)
            warn_of_set(payload, steps, key, report)
            payload = set_at(payload, steps, value.value)
        except BadPath as error:
            report.add(place(key), "bad-path", f"`{path}` can't be set: {error}", error.hint)
    for removal in removals if isinstance(removals, list) else ():
        try:
            steps = parse(removal.text)
            warn_of_unset(payload, steps, removal, report)
            payload = remove_at(payload, steps)
        except BadPath as error:
            report.add(place(removal), "bad-path", f"`{removal.text}` can't be unset: {error}", error.hint)
    return payload

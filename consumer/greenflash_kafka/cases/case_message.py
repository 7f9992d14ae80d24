"""A case's message: the file's, with the case's parts in place of its own, then `set` and `unset`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from greenflash_kafka.cases.nodes import closed, data, instant, integer, items, text
from greenflash_kafka.cases.payload_changes import BadPath, parse, remove_at, set_at
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Map, Node, Scalar, beginning, place
from greenflash_kafka.model.message import Message

PARTS: Final = ("topic", "key", "headers", "timestamp", "partition", "offset", "payload", "file", "raw")
_BODIES: Final = ("payload", "file", "raw")
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def merged(base: Map | None, case: Map | None) -> dict[str, Node]:
    """The parts of a message: the case's replace the file's, and any body (payload, file, raw) replaces the body."""
    parts = {entry.key.text: entry.value for entry in base.entries} if base else {}
    own = {entry.key.text: entry.value for entry in case.entries} if case else {}
    if any(body in own for body in _BODIES):
        parts = {name: node for name, node in parts.items() if name not in _BODIES}
    return {**parts, **own}


def build(
    parts: dict[str, Node],
    changes: Map | None,
    removals: Node | None,
    at: Node,
    folder: Path,
    topic: str,
    report: FileReport,
) -> Message:
    """The Kafka record; `topic` is the one to take when none is written, `at` where to say what is missing.

    Without a timestamp the record has none: nothing here reads a clock.
    """
    written = text(parts.get("topic"), "topic", report) or topic
    if not written:
        said = "the message has no topic, and the mapping doesn't read exactly one"
        report.add(beginning(at), "missing-key", said, "write `topic:` under `message`")
    time = instant(parts.get("timestamp"), "timestamp", report)
    return Message(
        topic=written,
        partition=integer(parts.get("partition"), "partition", report) or 0,
        offset=integer(parts.get("offset"), "offset", report) or 0,
        timestamp_ms=0 if time is None else milliseconds(time),
        key=_key(parts.get("key"), report),
        value=_value(parts, changes, removals, at, folder, report),
        headers=_headers(parts.get("headers"), report),
        timestamp_type="none" if time is None else "create",
    )


def milliseconds(time: datetime) -> int:
    """A time in milliseconds since 1970."""
    return int(time.timestamp()) * 1000 + time.microsecond // 1000


def _key(node: Node | None, report: FileReport) -> bytes | None:
    if node is None:
        return None
    value = data(node, report)
    if value is None:
        return None
    return value.encode() if isinstance(value, str) else _ENCODER.encode(value)


def _headers(node: Node | None, report: FileReport) -> tuple[tuple[str, bytes | None], ...]:
    if node is None:
        return ()
    if not isinstance(node, Map):
        report.add(place(node), "wrong-type", "headers must be a map of names to texts")
        return ()
    found: list[tuple[str, bytes | None]] = []
    for entry in node.entries:
        empty = isinstance(entry.value, Scalar) and entry.value.value is None
        value = None if empty else text(entry.value, "a header", report)
        found.append((entry.key.text, None if value is None else value.encode()))
    return tuple(found)


def _value(
    parts: dict[str, Node], changes: Map | None, removals: Node | None, at: Node, folder: Path, report: FileReport
) -> bytes | None:
    bodies = [body for body in _BODIES if body in parts]
    if len(bodies) != 1:
        said = "two of `payload`, `file` and `raw` are given" if bodies else "the message has no `payload`"
        report.add(beginning(at), "missing-key", said, "write one of `payload`, `file` and `raw`")
        return None
    node = parts[bodies[0]]
    changed = changes is not None or removals is not None
    if bodies[0] == "raw":
        if changed:
            report.add(beginning(at), "bad-literal", "`set` and `unset` change a payload; this message is `raw`")
        return (text(node, "raw", report) or "").encode()
    if bodies[0] == "file":
        content = _content(node, folder, report)
        if content is None or not changed:
            return content
        payload = _decoded(content, node, report)
    else:
        payload = data(node, report)
    payload = _changed(payload, changes, removals, report)
    return None if payload is None else _ENCODER.encode(payload)


def _content(node: Node, folder: Path, report: FileReport) -> bytes | None:
    name = text(node, "file", report)
    if name is None:
        return None
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        said = f"{name} can't be read: {error.strerror or type(error).__name__}"
        report.add(place(node), "unreadable-file", said, "the path is relative to the cases file")
        return None


def _decoded(content: bytes, node: Node, report: FileReport) -> Any:
    try:
        return decode(content)
    except DecodeError as error:
        said = f"`set` and `unset` need JSON, and the file isn't: {error}"
        report.add(place(node), "bad-json", said)
        return None


def _changed(payload: Any, changes: Map | None, removals: Node | None, report: FileReport) -> Any:
    for entry in changes.entries if changes else ():
        try:
            payload = set_at(payload, parse(entry.key.text), data(entry.value, report))
        except BadPath as error:
            report.add(place(entry.key), "bad-path", f"`{entry.key.text}` can't be set: {error}", error.hint)
    for node in items(removals, "unset", report):
        path = text(node, "a path in `unset`", report)
        try:
            if path is not None:
                payload = remove_at(payload, parse(path))
        except BadPath as error:
            report.add(place(node), "bad-path", f"`{path}` can't be unset: {error}", error.hint)
    return payload


def changes_of(node: Node | None, report: FileReport) -> Map | None:
    """`set:` as a map of paths, which can be any text."""
    if node is None or isinstance(node, Map):
        return node
    return closed(node, (), "`set` (paths and values)", report)

"""Records of topics that `try` is given in files: lines of JSON, what `kcat -J` writes, or a recording."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from greenflash_kafka.cases.encoded_message import NotEncoded, encoded
from greenflash_kafka.errors import RecordingInvalid
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.recording import RecordedHistory, is_recording

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_PORTION: Final = 1_000


class GivenRecord(msgspec.Struct, frozen=True):
    """A record, and where it stands (file and line, or its coordinates). `logged`: from when on it counts, in
    milliseconds since 1970; None if nothing says so."""

    where: str
    message: Message
    logged: int | None


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    """A record as a line may describe it; `ts`, `tstype` and `broker` are what `kcat -J` writes."""

    payload: msgspec.Raw
    topic: str | None = None
    partition: int | None = None
    offset: int = 0
    timestamp: str | int | None = None
    ts: int | None = None
    tstype: str = ""
    broker: int = 0
    key: str | None = None
    headers: Mapping[str, str | None] | list[str | None] = {}


_RECORD: Final = msgspec.json.Decoder(_Record)
_TEXT: Final = msgspec.json.Decoder(str)


def records_of(
    given: str, topic_for: Callable[[], str], is_read: Callable[[str], bool], flag: str, snapshot: Snapshot
) -> Iterator[GivenRecord]:
    """The records of a file, given as FILE or TOPIC=FILE behind a flag; `topic_for` gives the topic where none is said.
    Of a recording those of the topics that are read (`is_read`); of lines all, their JSON encoded by the schema of the
    topic, as that of a message that is tried.

    A record whose partition is known counts from the largest timestamp on that its partition had so far, as in
    production: records of a partition come in the order of their offsets. Where no partition is said, lines may come in
    any order, and each counts from its own timestamp on. Raises click's usage errors for what can't be read.
    """
    topic, path = _split(given)
    try:
        if is_recording(path):
            history = RecordedHistory(path, is_read)
            try:
                yield from _in_log_order([(each.coordinates, each, True) for each in _all(history)])
            finally:
                history.close()
            return
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise click.UsageError(f"{flag} {path} can't be read: {error.strerror}") from None
    except RecordingInvalid as error:
        raise click.UsageError(f"{flag}: {error}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}:{number}"
            message, placed = _message(line, topic, topic_for, where)
            found.append((where, _encoded(message, snapshot, where), placed))
    yield from _in_log_order(found)


def _all(history: RecordedHistory) -> Iterator[Message]:
    while not history.done:
        yield from history.take(_PORTION, 0.0)


def _in_log_order(found: list[tuple[str, Message, bool]]) -> Iterator[GivenRecord]:
    """The third of each says whether the partition is known."""
    found.sort(key=lambda each: each[1].offset if each[2] else -1)
    largest: Largest = {}
    for where, message, placed in found:
        yield GivenRecord(where, message, counts_from(message, largest) if placed else message.record_ms)


Largest = dict[tuple[str, int], int]
"""The largest timestamp so far of each partition, in milliseconds since 1970."""


def counts_from(message: Message, largest: Largest) -> int | None:
    """When a record of a log counts from: the largest timestamp that its partition had so far, which is kept in
    `largest`. None for a record without a timestamp."""
    ms = message.record_ms
    if ms is None:
        return None
    partition = message.topic, message.partition
    largest[partition] = ms = max(ms, largest.get(partition, ms))
    return ms


def _split(given: str) -> tuple[str | None, Path]:
    topic, equals, path = given.partition("=")
    return (topic, Path(path)) if equals and not Path(given).exists() else (None, Path(given))


def _message(line: bytes, topic: str | None, topic_for: Callable[[], str], where: str) -> tuple[Message, bool]:
    """The record, and whether its partition is said."""
    try:
        record = _RECORD.decode(line)
    except msgspec.ValidationError:
        record = _Record(msgspec.Raw(line))  # the payload alone
    except msgspec.DecodeError as error:
        raise click.UsageError(f"{where} is no JSON: {error}; one message a line") from None
    stamp = _stamp(record, where)
    value = bytes(record.payload)
    if value.startswith(b'"'):
        value = _TEXT.decode(value).encode()  # as `kcat -J` writes payloads
    message = Message(
        topic=record.topic or topic or topic_for(),
        partition=record.partition or 0,
        offset=record.offset,
        timestamp_ms=0 if stamp is None else stamp,
        key=None if record.key is None else record.key.encode(),
        value=None if value == b"null" else value,
        headers=_headers(record.headers),
        timestamp_type="none" if stamp is None else "create",
    )
    return message, record.partition is not None


def _encoded(message: Message, snapshot: Snapshot, where: str) -> Message:
    try:
        return encoded(message, snapshot)
    except NotEncoded as error:
        raise click.UsageError(f"{where}: {error}") from None


def _stamp(record: _Record, where: str) -> int | None:
    stamp = record.timestamp if record.ts is None else record.ts
    if not isinstance(stamp, str):
        return None if stamp is None or stamp < 0 else stamp
    try:
        time = datetime.fromisoformat(stamp)
    except ValueError:
        said = f"{where}: the timestamp is no time; write it like 2026-11-18T11:06:41Z, or in milliseconds"
        raise click.UsageError(said) from None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    return (time - _EPOCH) // timedelta(milliseconds=1)


def _headers(given: Mapping[str, str | None] | list[str | None]) -> tuple[tuple[str, bytes | None], ...]:
    pairs = given.items() if isinstance(given, Mapping) else zip(given[::2], given[1::2], strict=False)
    return tuple((name or "", None if value is None else value.encode()) for name, value in pairs)

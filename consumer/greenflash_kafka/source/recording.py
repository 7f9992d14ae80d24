"""Recordings of messages in files: lines of JSON, for where Kafka can't be reached."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import msgspec

from greenflash_kafka.errors import RecordingInvalid
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.window import Window

VERSION: Final = 1

_PORTION: Final = 1 << 20

_BEGIN: Final = b'{"recording":'


class RecordingHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line of a recording: what evaluation needs beside the messages, and which ranges they are from. `whole`
    are the topics that were recorded from their first message to their last; `not_compacted` those of them of which the
    brokers said that nothing is compacted away, so that an offset without a message is a transaction's. `window`: the
    flags that bound the other topics, for a command that records them anew."""

    recording: int
    cluster_id: str = "-"
    topic_ids: Mapping[str, str] = {}
    ranges: tuple[OffsetRange, ...] = ()
    whole: tuple[str, ...] = ()
    not_compacted: tuple[str, ...] = ()
    window: str = ""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A message. Bytes are text where they are UTF-8, else base64 in the field that ends in `_base64`."""

    topic: str
    partition: int
    offset: int
    timestamp: int = 0
    timestamp_type: str = "create"
    key: str | None = None
    key_base64: str | None = None
    value: str | None = None
    value_base64: str | None = None
    headers: tuple[tuple[str, str | None], ...] = ()
    headers_base64: tuple[tuple[str, str | None], ...] = ()


class _End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line: how many messages there are. Without it the file was cut."""

    end: int


class RecordingWriter:
    """Writes a recording. Raises FileExistsError for a file that is there, and OSError."""

    def __init__(self, path: Path, header: RecordingHeader) -> None:
        # It holds whole messages: for its owner alone.
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: IO[bytes] = os.fdopen(number, "wb")
        self._encoder = msgspec.json.Encoder()
        self._count = 0
        self._file.write(self._encoder.encode_lines([header]))

    def write(self, messages: Sequence[Message]) -> None:
        """Append messages."""
        self._count += len(messages)
        self._file.write(self._encoder.encode_lines([_line(each) for each in messages]))

    def close(self) -> None:
        """Finish the file: a last line says how many messages it has."""
        self._file.write(self._encoder.encode_lines([_End(self._count)]))
        self._file.close()

    def leave(self) -> None:
        """Close the file without its last line: who reads it is told that it was cut."""
        self._file.close()


def is_recording(path: Path) -> bool:
    """Whether a file begins as a recording does. Raises OSError."""
    with path.open("rb") as file:
        return file.read(len(_BEGIN)) == _BEGIN


class RecordedHistory:
    """`ports.History` of a recording, of the topics that are `wanted`. A window's times are compared with each
    message's own timestamp, and its `last` are taken of each partition."""

    def __init__(
        self, path: Path, wanted: Callable[[str], bool] = lambda _: True, window: Window | None = None
    ) -> None:
        """Raises RecordingInvalid for a file that is no recording."""
        self._path = path
        self._wanted = wanted
        self._window = window or Window()
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise RecordingInvalid(f"{path} can't be read: {error.strerror or error}") from None
        self.header = self._header()
        self._skip = self._first_wanted() if self._window.last is not None else {}
        self._lines = self._messages()
        self._done = False

    @property
    def done(self) -> bool:
        """See `ports.History`."""
        return self._done

    @property
    def missing(self) -> Sequence[OffsetRange]:
        """See `ports.History`: a recording is complete."""
        return ()

    def take(self, limit: int, timeout: float) -> list[Message]:  # noqa: ARG002 - nothing is waited for
        """See `ports.History`. Raises RecordingInvalid for a line that is no message."""
        taken: list[Message] = []
        for message in self._lines:
            taken.append(message)
            if len(taken) >= limit:
                return taken
        self._done = True
        return taken

    def close(self) -> None:
        """See `ports.History`."""
        self._file.close()

    def _header(self) -> RecordingHeader:
        first = self._file.readline(_PORTION)
        try:
            header = msgspec.json.decode(first, type=RecordingHeader)
        except msgspec.DecodeError as error:
            said = f"{self._path}:1: this is no recording ({str(error)[:100]})"
            raise RecordingInvalid(f"{said}; make one with `greenflash-kafka record`") from None
        if header.recording != VERSION:
            raise RecordingInvalid(f"{self._path}:1: a recording of version {header.recording}; this program reads 1")
        return header

    def _messages(self) -> Iterator[Message]:
        for message in self._read():
            if self._skip.get((message.topic, message.partition), 0) > 0:
                self._skip[message.topic, message.partition] -= 1
                continue
            yield message

    def _read(self) -> Iterator[Message]:
        decoder, since, until = msgspec.json.Decoder(_Line), self._window.since_ms, self._window.until_ms
        number = 1
        for line in self._file:
            number += 1
            if line.startswith(b'{"end":'):
                return
            try:
                message = _message(decoder.decode(line))
            except (msgspec.DecodeError, ValueError) as error:
                if not line.endswith(b"\n"):
                    raise self._cut(number) from None
                raise RecordingInvalid(f"{self._path}:{number}: no message: {str(error)[:100]}") from None
            ms = message.record_ms
            if not self._wanted(message.topic):
                continue
            if ms is not None and ((since is not None and ms < since) or (until is not None and ms >= until)):
                continue
            yield message
        raise self._cut(number)

    def _cut(self, number: int) -> RecordingInvalid:
        said = f"{self._path}:{number}: the recording is cut here: its last line isn't there"
        return RecordingInvalid(f"{said}; make it anew with `greenflash-kafka record`")

    def _first_wanted(self) -> dict[tuple[str, int], int]:
        """How many messages of each partition come before the last ones that are wanted."""
        counts: dict[tuple[str, int], int] = {}
        for message in self._read():
            key = (message.topic, message.partition)
            counts[key] = counts.get(key, 0) + 1
        self._file.seek(0)
        self._file.readline(_PORTION)
        last = self._window.last or 0
        return {key: count - last for key, count in counts.items()}


def _line(message: Message) -> _Line:
    key, key_base64 = _text(message.key)
    value, value_base64 = _text(message.value)
    headers = [(name, *_text(each)) for name, each in message.headers]
    plain = all(encoded is None for _, _, encoded in headers)
    return _Line(
        message.topic,
        message.partition,
        message.offset,
        message.timestamp_ms,
        message.timestamp_type,
        key,
        key_base64,
        value,
        value_base64,
        tuple((name, text) for name, text, _ in headers) if plain else (),
        () if plain else tuple((name, _encoded(each)) for name, each in message.headers),
    )


def _message(line: _Line) -> Message:
    headers: tuple[tuple[str, bytes | None], ...]
    if line.headers_base64:
        headers = tuple((name, None if text is None else _decoded(text)) for name, text in line.headers_base64)
    else:
        headers = tuple((name, None if text is None else text.encode()) for name, text in line.headers)
    return Message(
        line.topic,
        line.partition,
        line.offset,
        line.timestamp,
        _bytes(line.key, line.key_base64),
        _bytes(line.value, line.value_base64),
        headers,
        line.timestamp_type,
    )


def _text(content: bytes | None) -> tuple[str | None, str | None]:
    if content is None:
        return None, None
    try:
        return content.decode(), None
    except UnicodeDecodeError:
        return None, _encoded(content)


def _encoded(content: bytes | None) -> Any:
    return None if content is None else b64encode(content).decode()


def _bytes(text: str | None, encoded: str | None) -> bytes | None:
    if encoded is not None:
        return _decoded(encoded)
    return None if text is None else text.encode()


def _decoded(text: str) -> bytes:
    return b64decode(text, validate=True)

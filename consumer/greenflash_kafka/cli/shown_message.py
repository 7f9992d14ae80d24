"""A message as people see it: coordinates, time, key, headers, how it was read, and its payload."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any, Final

import msgspec

from greenflash_kafka.cases.link_reasons import moment
from greenflash_kafka.cli.read_as import read_as
from greenflash_kafka.model.decoded import ReadMessage, skipped_words
from greenflash_kafka.model.message import Message
from greenflash_kafka.peek.masks import Masks
from greenflash_kafka.redaction import visible, visible_lines
from greenflash_kafka.snapshot import Snapshot

MOST_SHOWN: Final = 20_000
"""Characters of a payload that are shown to people."""

_HEX_BYTES: Final = 64

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


class ShownMessage(msgspec.Struct, frozen=True):
    """A message that was read, and how; with `masks` its values are masked."""

    read: ReadMessage
    read_as: str | None = None
    masks: Masks | None = None

    @property
    def message(self) -> Message:
        """The record."""
        return self.read.message

    @property
    def payload(self) -> object:
        """The payload, masked if it should be."""
        return self.read.payload if self.masks is None else self.masks.mask(self.read.payload)

    def as_object(self) -> dict[str, object]:
        """For programs. Bytes that are no text are base64, in a field of another name."""
        message = self.message
        ms = message.record_ms
        whole: dict[str, object] = {
            "message": message.coordinates,
            "time": None if ms is None else moment(ms),
            "timestamp_type": message.timestamp_type,
            **self._bytes("key", message.key),
            "headers": [{"name": name, **self._bytes("value", value, name)} for name, value in message.headers],
            "bytes": None if message.value is None else len(message.value),
        }
        if self.read_as is not None:
            whole["read_as"] = self.read_as
        if self.read.problem is not None:
            whole["unreadable"] = {"code": self.read.problem.code, "message": self.read.problem.message}
            if self.masks is None:
                whole |= self._bytes("value", message.value)
        elif self.read.skipped is not None:
            whole["skipped"] = self.read.skipped
        elif message.value is None:
            whole["tombstone"] = True
        else:
            whole["payload"] = msgspec.Raw(payload_json(self.payload))
        return whole

    def lines(self) -> list[str]:
        """For people."""
        message = self.message
        ms = message.record_ms
        time = (
            "no time"
            if ms is None
            else f"{moment(ms)}{' (of the broker)' if message.timestamp_type == 'append' else ''}"
        )
        size = "tombstone" if message.value is None else f"{len(message.value):,} bytes"
        lines = [visible(f"{message.coordinates}  {time}  {self._key_words()}  {size}")]
        if message.headers:
            shown = ", ".join(f"{name} {self._text(value, name)}" for name, value in message.headers)
            lines.append(f"  headers: {visible(shown)}")
        return lines + [f"  {each}" for each in self._body()]

    def _body(self) -> list[str]:
        message, problem = self.message, self.read.problem
        if problem is not None:
            lines = [f"can't be read: {problem.code}: {visible(problem.message)}"]
            if self.masks is None and message.value is not None:
                shown = message.value[:MOST_SHOWN].decode("utf-8", "backslashreplace")
                lines += [visible(shown[: MOST_SHOWN // 10]), f"hex: {message.value[:_HEX_BYTES].hex(' ')}"]
            return lines
        if self.read.skipped is not None:
            return [skipped_words(self.read.skipped)]
        if message.value is None:
            return ["a tombstone: the record has no value"]
        lines = [] if self.read_as is None else [visible(self.read_as)]
        text = visible_lines(msgspec.json.format(payload_json(self.payload), indent=2).decode())
        if len(text) > MOST_SHOWN:
            text = f"{text[:MOST_SHOWN]}\n... and {len(text) - MOST_SHOWN:,} more characters: --json shows all"
        return lines + text.split("\n")

    def _key_words(self) -> str:
        return "no key" if self.message.key is None else f"key {self._text(self.message.key, 'key')}"

    def _text(self, content: bytes | None, name: str) -> str:
        found = self._bytes("value", content, name)
        return json.dumps(found["value"], ensure_ascii=False) if "value" in found else f"base64 {found['value_base64']}"

    def _bytes(self, field: str, content: bytes | None, name: str = "key") -> dict[str, Any]:
        if content is None:
            return {field: None}
        try:
            text = content.decode()
        except UnicodeDecodeError:
            encoded = b64encode(content).decode()
            return {f"{field}_base64": encoded if self.masks is None else f"{len(content)} bytes"}
        return {field: text if self.masks is None else self.masks.mask(text, (name,))}


def shown(read: ReadMessage, snapshot: Snapshot, masks: Masks | None = None) -> ShownMessage:
    """The message with the words that say how it was read."""
    return ShownMessage(read, read_as(read.message, snapshot), masks)


def payload_json(payload: object) -> bytes:
    """A payload as JSON, numbers exactly as they are."""
    return _ENCODER.encode(payload)

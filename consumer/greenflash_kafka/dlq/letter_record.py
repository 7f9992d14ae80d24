"""A dead letter as a Kafka record: the original unchanged, followed by headers of ours with the reason.

The headers are listed in docs/operations.md; `reader.py` reads them back. Ours stand last and begin with
`greenflash.record`, so that a dead letter which becomes a dead letter again keeps all of the first one's headers.
"""

from __future__ import annotations

import hashlib
import json
from typing import Final, Literal

import msgspec

from greenflash_kafka.ports import DeadLetter

PREFIX: Final = "greenflash."
MARK: Final = PREFIX + "record"
"""The first header of ours; its value is the version of this layout."""

LAYOUT: Final = b"1"
EVENTS_BYTES: Final = 16 * 1024
"""Most bytes of the list of events."""

TEXT_BYTES: Final = 2_000
_BARE_EVENTS_BYTES: Final = 512
_BARE_TEXT_BYTES: Final = 200
_NAME_BYTES: Final = 256

LEAST_BYTES: Final = 4096
"""A topic that takes batches of so many bytes takes every dead letter in its smallest form: headers of ours alone, each
at its longest, in a batch of their own, come to 2.9 KB."""

Header = tuple[str, bytes | None]
Form = Literal["whole", "without-value", "bare"]
"""The part of the original that a record carries: all of it; all but the value; only its coordinates and
fingerprints."""

FORMS: Final[tuple[Form, ...]] = ("whole", "without-value", "bare")
"""The order in which forms are tried when the topic rejects a record for its size."""


class DeadLetterOrigin(msgspec.Struct, frozen=True):
    """The facts about its origin that a dead letter states beside the message's own coordinates.

    `cluster_id` and `topic_id` are `-` where a cluster has none; `version` is this program's.
    """

    cluster_id: str = "-"
    topic_id: str = "-"
    version: str = "-"


class ProducerRecord(msgspec.Struct, frozen=True):
    """The record as it is given to the producer."""

    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]

    @property
    def size(self) -> int:
        """Bytes of key, value and headers, with what Kafka adds to each at most."""
        headers = sum(len(name) * 4 + len(value or b"") + 12 for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers + 32


def encode(dead_letter: DeadLetter, origin: DeadLetterOrigin, form: Form = "whole") -> ProducerRecord:
    """The record of a dead letter. The original's timestamp is a header: the record's own decides its retention."""
    message = dead_letter.message
    bare = form == "bare"
    ours = [
        (MARK, LAYOUT),
        *_reasons(dead_letter, bare),
        *_coordinates(dead_letter, origin),
        *_events(dead_letter, bare),
    ]
    if form == "whole":
        return ProducerRecord(message.key, message.value, (*message.headers, *ours))
    ours.append((PREFIX + "left_out", b"value, key, headers" if bare else b"value"))
    ours += _fingerprint("value", message.value)
    if not bare:
        return ProducerRecord(message.key, None, (*message.headers, *ours))
    ours += _fingerprint("key", message.key)
    return ProducerRecord(None, None, tuple(ours))


def one_line(text: str, most_bytes: int = TEXT_BYTES) -> str:
    """Text fit for a header: one line, no control characters, cut with `...` at so many bytes of UTF-8."""
    clean = "".join(char if char.isprintable() else " " for char in text)
    encoded = clean.encode("utf-8", "replace")
    if len(encoded) <= most_bytes:
        return encoded.decode("utf-8")
    return encoded[: most_bytes - 3].decode("utf-8", "ignore") + "..."


def _reasons(dead_letter: DeadLetter, bare: bool) -> list[Header]:
    text = one_line(dead_letter.text, _BARE_TEXT_BYTES if bare else TEXT_BYTES)
    return [
        _header("code", one_line(dead_letter.code, _NAME_BYTES)),
        _header("text", text),
        _header("attempts", dead_letter.attempts),
    ]


def _coordinates(dead_letter: DeadLetter, origin: DeadLetterOrigin) -> list[Header]:
    message = dead_letter.message
    return [
        _header("cluster_id", one_line(origin.cluster_id, _NAME_BYTES)),
        _header("topic_id", one_line(origin.topic_id, _NAME_BYTES)),
        _header("topic", message.topic),
        _header("partition", message.partition),
        _header("offset", message.offset),
        _header("timestamp", message.timestamp_ms),
        _header("timestamp_type", message.timestamp_type),
        _header("version", one_line(origin.version, _NAME_BYTES)),
        _header("ruleset", one_line(dead_letter.rules, _NAME_BYTES)),
    ]


def _events(dead_letter: DeadLetter, bare: bool) -> list[Header]:
    """The list of events, whole if it fits; else those that failed come first, each in its old order.

    `greenflash.events_total` says how many there were. A replay sends again what the list doesn't call accepted,
    so that a cut list costs requests, never an event.
    """
    entries = [json.dumps(entry, separators=(",", ":")) for entry in dead_letter.events]
    kept = entries
    most = _BARE_EVENTS_BYTES if bare else EVENTS_BYTES
    if _length(entries) > most:
        failed_first = sorted(range(len(entries)), key=lambda index: dead_letter.events[index][3] == "accepted")
        chosen: list[int] = []
        length = 2
        for index in failed_first:
            if length + len(entries[index]) + 1 <= most:
                length += len(entries[index]) + 1
                chosen.append(index)
        kept = [entries[index] for index in sorted(chosen)]
    return [
        (PREFIX + "events", ("[" + ",".join(kept) + "]").encode("ascii")),
        _header("events_total", len(entries)),
    ]


def _length(entries: list[str]) -> int:
    return 1 + sum(len(entry) + 1 for entry in entries)


def _fingerprint(part: str, content: bytes | None) -> list[Header]:
    if content is None:
        return []
    return [
        _header(f"{part}_bytes", len(content)),
        _header(f"{part}_sha256", hashlib.sha256(content).hexdigest()),
    ]


def _header(name: str, value: str | int) -> Header:
    return PREFIX + name, str(value).encode("utf-8", "replace")

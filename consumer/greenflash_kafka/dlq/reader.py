"""Parsing of our own dead letters: the original message, the reason, and the result of each event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from greenflash_kafka.dlq.letter_record import LAYOUT, MARK, PREFIX, DeadLetterOrigin, Header
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter


class NotADeadLetter(ValueError):
    """The record was not written by `dlq.letter_record` (or by a later layout of it); the text says what is missing."""


class Fingerprint(msgspec.Struct, frozen=True):
    """The known facts about a part that didn't fit: its length in bytes and the SHA-256 of its content, in hex."""

    size: int
    sha256: str


class ParsedDeadLetter(msgspec.Struct, frozen=True):
    """A parsed dead letter. `dead_letter.message` has its original coordinates, timestamp, key, value and headers.

    `left_out` names the parts that the record doesn't carry (`value`, `key`, `headers`): read them from the
    original topic at the message's coordinates, if it still holds them, and compare with `fingerprints`.
    `events_total` above `len(dead_letter.events)` means that the list was cut: the rest may or may not be accepted.
    """

    dead_letter: DeadLetter
    origin: DeadLetterOrigin
    events_total: int
    left_out: tuple[str, ...] = ()
    fingerprints: Mapping[str, Fingerprint] = {}

    @property
    def accepted(self) -> frozenset[str]:
        """The insert ids that Greenflash has for certain: a replay leaves them out."""
        return frozenset(
            entry[2] for entry in self.dead_letter.events if entry[3] == "accepted" and entry[2] is not None
        )

    @property
    def perhaps_stored(self) -> frozenset[str]:
        """The insert ids that Greenflash has or may have: a replay must not send their events under others.

        What was given up may have been stored by a try without an answer; of a list that was cut the accepted ones
        are the first to be missing, so then every id counts that is left.
        """
        cut = self.events_total > len(self.dead_letter.events)
        return frozenset(
            entry[2]
            for entry in self.dead_letter.events
            if entry[2] is not None and (cut or entry[3] in ("accepted", "gave-up"))
        )


def is_dead_letter(headers: Sequence[Header]) -> bool:
    """True if a record with these headers is one of ours."""
    return any(name == MARK for name, _ in headers)


def read(key: bytes | None, value: bytes | None, headers: Sequence[Header]) -> ParsedDeadLetter:
    """Parse a dead letter. Raises NotADeadLetter."""
    start = max((index for index, (name, _) in enumerate(headers) if name == MARK), default=None)
    if start is None:
        raise NotADeadLetter(f"it has no header {MARK}")
    if headers[start][1] != LAYOUT:
        raise NotADeadLetter(f"its layout {headers[start][1]!r} is not known to this version")
    try:
        ours = {name.removeprefix(PREFIX): (content or b"").decode("utf-8") for name, content in headers[start + 1 :]}
        return _assemble(key, value, tuple(headers[:start]), ours)
    except (KeyError, ValueError, IndexError, TypeError, RecursionError) as error:
        # Anybody may write to a topic: what stands in these headers need not be ours.
        raise NotADeadLetter(f"its headers can't be read ({type(error).__name__}: {str(error)[:200]})") from error


def _assemble(
    key: bytes | None, value: bytes | None, headers: tuple[Header, ...], ours: Mapping[str, str]
) -> ParsedDeadLetter:
    message = Message(
        topic=ours["topic"],
        partition=int(ours["partition"]),
        offset=int(ours["offset"]),
        timestamp_ms=int(ours["timestamp"]),
        key=key,
        value=value,
        headers=headers,
        timestamp_type=ours["timestamp_type"],
    )
    dead_letter = DeadLetter(
        message=message,
        code=ours["code"],
        text=ours["text"],
        attempts=int(ours["attempts"]),
        events=tuple(_entry(entry) for entry in json.loads(ours["events"])),
        rules=ours["ruleset"],
    )
    return ParsedDeadLetter(
        dead_letter=dead_letter,
        origin=DeadLetterOrigin(ours["cluster_id"], ours["topic_id"], ours["version"]),
        events_total=int(ours["events_total"]),
        left_out=tuple(ours["left_out"].split(", ")) if "left_out" in ours else (),
        fingerprints={
            part: Fingerprint(int(ours[f"{part}_bytes"]), ours[f"{part}_sha256"])
            for part in ("value", "key")
            if f"{part}_bytes" in ours
        },
    )


def _entry(entry: object) -> tuple[str, int | None, str | None, str]:
    if not isinstance(entry, list) or len(entry) != 4:
        raise ValueError("an event's entry is not a list of four")
    return cast("tuple[str, int | None, str | None, str]", tuple(entry))

"""Events as the service stores them, each id once: counted exactly, by records on disk that are joined at the end."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.diff.event_facts import EventFacts
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.event_money import EXACT
from greenflash_kafka.model.message import Message

BUCKETS: Final = 128
"""Parts of the records by the first byte of an id's hash: one at a time is joined in memory."""

_HELD_BYTES: Final = 1_048_576
"""Records that are held before they are written: files are few, and each part of one is read at once."""

OLD: Final = 1
NEW: Final = 2
OTHER_ID: Final = 4
"""Sides of a record; and that its event has another id under the old rules."""

_RECORD: Final = struct.Struct("<16sBqHiqHIqB")
"""Hash of the id, sides, the record's timestamp, topic, partition, offset, place in the message, class, hash of the
body, length of the amount's text, which follows."""

_ZERO: Final = Decimal(0)

_RECORDS: Final = "records"
_CONTENTS: Final = "contents.json"

Class = tuple[str, str]
"""(event type, currency); "" for no money."""


class StoredTally(msgspec.Struct):
    """Events and money of one event type and currency as the service stores them, under the old rules and the new
    ones."""

    old: int = 0
    new: int = 0
    old_money: Decimal = _ZERO
    new_money: Decimal = _ZERO


class Stored(msgspec.Struct):
    """`two_contents`: ids that one side gives to two different events, old and new; of these the service keeps the one
    that comes first, and which that is depends on arrival. `dropped`: different contents that it doesn't keep; the same
    content again isn't among them. `again`: new ids of events that had another one, none of which is an old id: so many
    events are stored a second time if all messages are read again, with this money by currency."""

    classes: dict[Class, StoredTally] = {}
    ids: tuple[int, int] = (0, 0)
    two_contents: tuple[int, int] = (0, 0)
    dropped: tuple[int, int] = (0, 0)
    again: int = 0
    money_again: dict[str, Decimal] = {}


class _Contents(msgspec.Struct, frozen=True):
    """What a folder's records are: their classes by number, and where the parts of each bucket are, with their sizes in
    bytes."""

    classes: list[Class]
    parts: list[list[tuple[int, int]]]


class IdRecords:
    """Writes a record of each event into a folder of its own. `topics` are all topics that are read, sorted: all who
    write records for one diff are given the same."""

    def __init__(self, folder: Path, topics: Sequence[str]) -> None:
        self._folder = folder
        self._topics = {topic: number for number, topic in enumerate(topics)}
        self._classes: dict[Class, int] = {}
        self._last: tuple[str | None, bytes] = None, b""
        self._facts: EventFacts | None = None
        self._number, self._amount = 0, b""
        self._held = [bytearray() for _ in range(BUCKETS)]
        self._held_bytes = 0
        self._file = (folder / _RECORDS).open("wb", buffering=0)
        self._parts: list[list[tuple[int, int]]] = [[] for _ in range(BUCKETS)]

    def add(
        self,
        message: Message,
        place: int,
        event: Event,
        facts: EventFacts,
        *,
        old: bool,
        new: bool,
        other_id: bool = False,
    ) -> None:
        """See `differ.StoredEvents`. Raises OSError when the disk is full."""
        # A changed event has mostly the same id, type and amount on both sides.
        known_id, id_hash = self._last
        if event.insert_id != known_id:
            id_hash = blake2b(event.insert_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
            self._last = event.insert_id, id_hash
        body_hash = int.from_bytes(blake2b(event.body, digest_size=8).digest(), signed=True)
        if facts is not self._facts:
            self._facts = facts
            self._number = self._classes.setdefault((facts.event_type, facts.currency), len(self._classes))
            self._amount = b"" if facts.amount is None else str(facts.amount).encode()
        amount = self._amount
        record = _RECORD.pack(
            id_hash,
            OLD * old | NEW * new | OTHER_ID * other_id,
            message.timestamp_ms,
            self._topics[message.topic],
            message.partition,
            message.offset,
            min(place, 0xFFFF),
            self._number,
            body_hash,
            len(amount),
        )
        held = self._held[id_hash[0] % BUCKETS]
        held += record
        held += amount
        self._held_bytes += len(record) + len(amount)
        if self._held_bytes >= _HELD_BYTES:
            self._write()

    def close(self) -> None:
        """Finish the files. Raises OSError when the disk is full."""
        self._write()
        self._file.close()
        contents = _Contents(list(self._classes), self._parts)
        (self._folder / _CONTENTS).write_bytes(msgspec.json.encode(contents))

    def _write(self) -> None:
        at = self._file.tell()
        for held, parts in zip(self._held, self._parts, strict=True):
            if held:
                parts.append((at, len(held)))
                at += len(held)
        whole = memoryview(b"".join(self._held))
        while whole:
            whole = whole[self._file.write(whole) :]
        for held in self._held:
            held.clear()
        self._held_bytes = 0


def joined(folders: Sequence[Path]) -> Stored:
    """What is stored of all events of which there are records in these folders. An id is stored by the event that comes
    first: by timestamp, then topic, partition, offset and place in the message."""
    found = Stored()
    contents = {folder: _contents(folder) for folder in folders}
    for number in range(BUCKETS):
        records = [(each.classes, _bucket(folder, each, number)) for folder, each in contents.items()]
        old, _ = _join(found, 0, records)
        new, other_ids = _join(found, 1, records)
        _count_again(found, new, other_ids - old.keys())
    return found


def too_old(
    folders: Sequence[Path], topics: Sequence[str], before: Mapping[str, tuple[int, int]]
) -> dict[str, list[int]]:
    """Events by topic whose records are older than a time in milliseconds, one for each side: old and new. `topics` are
    those that the records were written with."""
    found = {topic: [0, 0] for topic in before}
    limits = {number: (topic, before[topic]) for number, topic in enumerate(topics) if topic in before}
    contents = ((folder, _contents(folder)) for folder in folders)
    for records in (_bucket(folder, each, number) for folder, each in contents for number in range(BUCKETS)):
        for side in (0, 1):
            for _, _, (ms, topic, *_), *_ in _records(records, side):
                if topic in limits and 0 <= ms < limits[topic][1][side]:
                    found[limits[topic][0]][side] += 1
    return found


_First = dict[bytes, tuple[tuple[int, ...], Class, int, bytes]]
"""By the hash of an id the order, class, body and amount of the event that comes first."""


def _join(found: Stored, side: int, records: Iterable[tuple[Sequence[Class], bytes]]) -> tuple[_First, set[bytes]]:
    """What is stored, and the hashes of the ids of events that had another one."""
    first: _First = {}
    other_ids: set[bytes] = set()
    bodies: dict[bytes, set[int]] = {}
    for classes, content in records:
        for id_hash, sides, order, number, body_hash, amount in _records(content, side):
            if sides & OTHER_ID:
                other_ids.add(id_hash)
            known = first.get(id_hash)
            if known is None or order < known[0]:
                first[id_hash] = (order, classes[number], body_hash, amount)
            if known is not None and known[2] != body_hash:
                bodies.setdefault(id_hash, {known[2]}).add(body_hash)
    for _, kind, _, amount in first.values():
        _count(found.classes, kind, side, amount)
    found.ids = _plus(found.ids, side, len(first))
    found.two_contents = _plus(found.two_contents, side, len(bodies))
    found.dropped = _plus(found.dropped, side, sum(len(each) - 1 for each in bodies.values()))
    return first, other_ids


def _count_again(found: Stored, new: _First, ids: Iterable[bytes]) -> None:
    for id_hash in ids:
        _, (_, currency), _, amount = new[id_hash]
        found.again += 1
        if currency and amount:
            known = found.money_again.get(currency, _ZERO)
            found.money_again[currency] = EXACT.add(known, Decimal(amount.decode()))


def _records(content: bytes, side: int) -> Iterator[tuple[bytes, int, tuple[int, ...], int, int, bytes]]:
    at, wanted = 0, (OLD, NEW)[side]
    while at < len(content):
        id_hash, sides, *order, number, body_hash, length = _RECORD.unpack_from(content, at)
        at += _RECORD.size
        if sides & wanted:
            yield id_hash, sides, tuple(order), number, body_hash, content[at : at + length]
        at += length


def _count(classes: dict[Class, StoredTally], kind: Class, side: int, amount: bytes) -> None:
    tally = classes.get(kind)
    if tally is None:
        tally = classes[kind] = StoredTally()
    money = Decimal(amount.decode()) if amount else _ZERO
    if side:
        tally.new += 1
        tally.new_money = EXACT.add(tally.new_money, money)
    else:
        tally.old += 1
        tally.old_money = EXACT.add(tally.old_money, money)


def _plus(counts: tuple[int, int], side: int, more: int) -> tuple[int, int]:
    return (counts[0], counts[1] + more) if side else (counts[0] + more, counts[1])


def _contents(folder: Path) -> _Contents:
    return msgspec.json.decode((folder / _CONTENTS).read_bytes(), type=_Contents)


def _bucket(folder: Path, contents: _Contents, number: int) -> bytes:
    with (folder / _RECORDS).open("rb", buffering=0) as file:
        return b"".join(os.pread(file.fileno(), size, at) for at, size in contents.parts[number])


def money_by_type(stored: Stored) -> Mapping[str, Mapping[str, tuple[Decimal, Decimal]]]:
    """Money as stored, by event type and currency: old and new."""
    found: dict[str, dict[str, tuple[Decimal, Decimal]]] = {}
    for (event_type, currency), tally in stored.classes.items():
        if currency:
            found.setdefault(event_type, {})[currency] = (tally.old_money, tally.new_money)
    return found

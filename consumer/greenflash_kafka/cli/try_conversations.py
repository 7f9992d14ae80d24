"""`try --conversations`: the records of conversation topics from files, and the activities that they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click
import msgspec

from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.reasons import plain_reason
from greenflash_kafka.evaluate import explain
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve_activities
from greenflash_kafka.snapshot import Snapshot

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

MOST: Final = 10
"""So many different things that are wrong are shown of each file."""


class _Record(msgspec.Struct, forbid_unknown_fields=True):
    """A record as a line may describe it; `ts`, `tstype` and `broker` are what `kcat -J` writes."""

    payload: msgspec.Raw
    topic: str | None = None
    partition: int = 0
    offset: int = 0
    timestamp: str | int | None = None
    ts: int | None = None
    tstype: str = ""
    broker: int = 0
    key: str | None = None
    headers: Mapping[str, str | None] | list[str | None] = {}


_RECORD: Final = msgspec.json.Decoder(_Record)
_TEXT: Final = msgspec.json.Decoder(str)


class Heard(msgspec.Struct, frozen=True):
    """The activities that records gave, and one line for each kind of thing that is wrong with them."""

    told: tuple[ToldActivity, ...]
    wrong: tuple[str, ...]


def heard(given: Sequence[str], topic_for: Callable[[], str], snapshot: Snapshot) -> Heard:
    """The activities of these files, each FILE or TOPIC=FILE; `topic_for` gives the topic where none is said.

    A record counts from the largest timestamp on that its partition had so far, as in production; a record without
    one from the activity's own time on. Raises click's usage errors for what can't be read.
    """
    told: list[ToldActivity] = []
    wrong: list[str] = []
    for each in given:
        found, problems, unused = _heard(messages_of(each, topic_for, "--conversations"), snapshot)
        wrong += _grouped(problems)
        if not found:
            wrong += [f"no record of {each} gives a conversation", *_grouped(unused)]
        told += found
    return Heard(tuple(told), tuple(wrong))


def heard_in_history(messages: Iterable[Message], snapshot: Snapshot, wanted: Callable[[Activity], bool]) -> Heard:
    """The activities of records of conversation topics, those of a partition in their order, as far as they are
    `wanted`."""
    found, problems, _ = _heard(((each.coordinates, each) for each in messages), snapshot, wanted)
    return Heard(tuple(found), tuple(_grouped(problems)))


Grouped = dict[str, list[str]]
"""What is said, and of which records."""


def _heard(
    messages: Iterable[tuple[str, Message]], snapshot: Snapshot, wanted: Callable[[Activity], bool] = lambda _: True
) -> tuple[list[ToldActivity], Grouped, Grouped]:
    """The activities, what is wrong with records, and why others give none."""
    told: list[ToldActivity] = []
    logged: dict[tuple[str, int], int] = {}
    problems: Grouped = {}
    unused: Grouped = {}
    for where, message in messages:
        found = resolve_activities(message, snapshot)
        for problem in found.problems:
            problems.setdefault(problem.describe(values=True), []).append(where)
        if not told and not found.found and not found.problems:
            for why in _why_none(message, snapshot):
                unused.setdefault(why, []).append(where)
        recorded = message.record_ms
        partition = (message.topic, message.partition)
        if recorded is not None:
            logged[partition] = max(recorded, logged.get(partition, recorded))
        told += [
            ToldActivity(activity, activity.at if recorded is None else logged[partition])
            for activity in found.found
            if wanted(activity)
        ]
    return told, problems, unused


def _why_none(message: Message, snapshot: Snapshot) -> list[str]:
    """Why a record gives no conversation, by each source of its topic."""
    if snapshot.conversations_by_topic[message.topic] is None:
        return [f"no entry of `conversations` reads the topic {message.topic}"]
    sources = {each.name for each in snapshot.ruleset.sources}
    return [
        f"{each.rule}: none of its `keys` has a value here" if each.result == "matched" else plain_reason(each)
        for each in explain(message, snapshot)
        if each.rule in sources
    ]


def _grouped(found: Mapping[str, Sequence[str]]) -> list[str]:
    """One line for each text, with the first record and the number of others of which it is true; the most frequent
    first."""
    by_number = sorted(found.items(), key=lambda each: -len(each[1]))[:MOST]
    return [
        f"{where[0]}: {said}" + (f" (and {len(where) - 1} more)" if len(where) > 1 else "") for said, where in by_number
    ]


def messages_of(given: str, topic_for: Callable[[], str], flag: str) -> Iterator[tuple[str, Message]]:
    """The records of a file, given as FILE or TOPIC=FILE behind a flag, and where each stands. Raises click's usage
    errors for what can't be read."""
    topic, path = _split(given)
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise click.UsageError(f"{flag} {path} can't be read: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}:{number}"
            yield where, _message(line, topic, topic_for, where)


def _split(given: str) -> tuple[str | None, Path]:
    topic, equals, path = given.partition("=")
    return (topic, Path(path)) if equals and not Path(given).exists() else (None, Path(given))


def _message(line: bytes, topic: str | None, topic_for: Callable[[], str], where: str) -> Message:
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
    return Message(
        topic=record.topic or topic or topic_for(),
        partition=record.partition,
        offset=record.offset,
        timestamp_ms=0 if stamp is None else stamp,
        key=None if record.key is None else record.key.encode(),
        value=None if value == b"null" else value,
        headers=_headers(record.headers),
        timestamp_type="none" if stamp is None else "create",
    )


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

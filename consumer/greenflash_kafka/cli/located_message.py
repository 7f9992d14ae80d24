"""A message of the past, found by its coordinates or by the insert_id of its event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.cli.look_back import look_back
from greenflash_kafka.cli.open_history import OpenHistory
from greenflash_kafka.cli.records_of_keys import RecordsOfKeys
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.instrumentation.logs import kafka_logger
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.history import KafkaHistory

_OF_RECORD: Final = re.compile(r".+/[^/]*/(?P<topic>[^/]+)/(?P<partition>\d+)/(?P<offset>\d+)/-?\d+")
_ITEM: Final = re.compile(r"/\d+$")

_SHOWN: Final = 5

MOST: Final = 20
"""So many messages that give the same id are looked for."""


class Located(msgspec.Struct, frozen=True):
    """The message, if it was found, and what there is to say of the search. `same`: the coordinates of all messages
    that give the id, this one first, where they are several."""

    message: Message | None
    said: str = ""
    same: tuple[str, ...] = ()


def at(source: OpenHistory, topic: str, partition: int, offset: int) -> Located:
    """The message at these coordinates. Raises BrokerUnreachable and RecordingInvalid."""
    known = next((each for each in source.ranges if (each.topic, each.partition) == (topic, partition)), None)
    found = None
    if not source.properties:
        found = _of_recording(source, topic, partition, offset)
    elif known is not None and known.start <= offset < known.end:
        found = _of_kafka(source, OffsetRange(topic, partition, offset, offset + 1))
    if found is not None:
        return Located(found)
    if known is None:
        there = ", ".join(str(each.partition) for each in source.ranges if each.topic == topic)
        said = f"partitions {there} of {topic} have some" if there else f"no partition of {topic} has any"
        return Located(None, f"{topic}/{partition} has no messages here; {said}")
    if known.start <= offset < known.end:
        return Located(None, f"{topic}/{partition}/{offset} is no message: a mark of a transaction, or compacted away")
    return Located(
        None, f"{topic}/{partition}/{offset} isn't there (any more): it has {known.start} to {known.end - 1}"
    )


def by_insert_id(source: OpenHistory, insert_id: str, snapshot: Snapshot, seconds: float) -> Located:
    """The message of which today's rules make an event with this id. One made of coordinates is read there; other ids
    are looked for, backwards, for so many `seconds` (0: as long as it takes); of several that give it, the first."""
    outcome = Resolver(snapshot).outcome
    longer: dict[str, None] = {}
    own = insert_id.partition(":")[2] or insert_id
    naming = RecordsOfKeys([("insert_id", own)])
    candidates: list[tuple[Message, Outcome]] = []

    def gives(message: Message) -> bool:
        found = outcome(message)
        ids = [each.insert_id for each in found.events]
        longer.update(dict.fromkeys(each for each in ids if each.endswith(f":{insert_id}")))
        if insert_id not in ids and len(candidates) < MOST and naming.names(message):
            candidates.append((message, found))
        return insert_id in ids

    other = ""
    for topic, partition, offset in _coordinates(source, insert_id):
        found = at(source, topic, partition, offset).message
        if found is not None and gives(found):
            return Located(found)
        if found is not None:
            other = f"; {found.coordinates} has the id's coordinates, and today's rules give it no such event"
    if other:
        return Located(None, f"no message gives {insert_id}{other}")
    looked = look_back(source, MOST, gives, SystemClock(), seconds=seconds, newest=False)
    if looked.found:
        first = looked.found[-1]
        same = tuple(each.coordinates for each in reversed(looked.found)) if len(looked.found) > 1 else ()
        return Located(first, f"{_same(same, insert_id)}{looked.words}", same)
    if longer:
        return Located(None, f"no message gives {insert_id}: {looked.words}; did you mean {next(iter(longer))}?")
    return Located(None, f"no message gives {insert_id}: {looked.words}\n{_of_candidates(own, candidates)}")


def _of_candidates(own: str, candidates: Sequence[tuple[Message, Outcome]]) -> str:
    """What became of messages that have the id's own part somewhere: the invalid ones first."""
    if not candidates:
        return (
            f"None of the others has {own!r} in its value or key. An id that is put together isn't found so: look by a "
            "field, `peek TOPIC --where 'FIELD: VALUE'`, and then `explain TOPIC/PARTITION/OFFSET`."
        )
    first = sorted(candidates, key=lambda each: not each[1].problems)[:_SHOWN]
    lines = [f"  {message.coordinates}: {_became(outcome)}" for message, outcome in first]
    many = f"{MOST} or more messages have" if len(candidates) >= MOST else f"{counted(len(candidates), 'message')} with"
    said = f"{many} {own!r} in value or key and no such event:"
    return "\n".join([said, *lines, f"Why: greenflash-kafka explain {first[0][0].coordinates}"])


def _became(outcome: Outcome) -> str:
    if outcome.problems:
        return f"invalid: {outcome.problems[0].describe()}"
    ids = ", ".join(each.insert_id for each in outcome.events)
    return f"gives {ids}" if ids else outcome.status


def _same(coordinates: tuple[str, ...], insert_id: str) -> str:
    if not coordinates:
        return ""
    many = f"{counted(len(coordinates), 'message')}" if len(coordinates) < MOST else f"{MOST} messages or more"
    first, *others = coordinates
    return (
        f"{many} give {insert_id}: {first}, which is shown, and {', '.join(others)}. Greenflash stores an id once: the "
        "first of them that it accepted\n"
    )


def _coordinates(source: OpenHistory, insert_id: str) -> Iterator[tuple[str, int, int]]:
    """The places that an id made of coordinates may mean: with the index of an item at its end, and without."""
    for text in dict.fromkeys((insert_id, _ITEM.sub("", insert_id))):
        parts = _OF_RECORD.fullmatch(text)
        if parts is None:
            continue
        named = [name for name, each in source.topic_ids.items() if each == parts["topic"]]
        # Brokers without ids of topics have "-" there.
        unnamed = sorted({each.topic for each in source.ranges}) if parts["topic"] == "-" else []
        for topic in named or unnamed:
            yield topic, int(parts["partition"]), int(parts["offset"])


def _of_kafka(source: OpenHistory, wanted: OffsetRange) -> Message | None:
    history = KafkaHistory(source.properties, [wanted], kafka_logger())
    try:
        while not history.done:
            for message in history.take(1, 0.2):
                return message
    finally:
        history.close()
    return None


def _of_recording(source: OpenHistory, topic: str, partition: int, offset: int) -> Message | None:
    for messages in source.messages():
        for message in messages:
            if (message.topic, message.partition, message.offset) == (topic, partition, offset):
                return message
    return None

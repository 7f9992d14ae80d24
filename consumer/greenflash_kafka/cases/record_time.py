"""The timestamp of a record for which none is given: the time of the event itself.

In production every record has a timestamp, a moment after what it says happened; so a date in the future is refused
there. Without a timestamp nothing would be too late.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import msgspec

from greenflash_kafka.cases.case_message import milliseconds
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot

LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""The latest time of an event that a case believes: no clock is read, so that cases pass or fail for ever."""


def at(message: Message, ms: int) -> Message:
    """The record with this timestamp, in milliseconds since 1970."""
    return msgspec.structs.replace(message, timestamp_ms=ms, timestamp_type="create")


def with_event_time(message: Message, snapshot: Snapshot, latest: datetime = LATEST) -> Message | None:
    """The record with the time of its latest event as its timestamp, at most `latest`; None if no event has a time of
    its own, or the record has a timestamp already."""
    if message.timestamp_type != "none":
        return None
    times = [each.fields.get("event_at") for each in resolve(message, snapshot).events]
    known = [each for each in times if isinstance(each, datetime)]
    return at(message, milliseconds(min(max(known), latest))) if known else None

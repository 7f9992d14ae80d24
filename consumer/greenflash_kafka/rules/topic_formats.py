"""Formats that several files give one topic: whether they contradict each other, and what they say together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec

from greenflash_kafka.model.formats import AUTO
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.rules.durations import duration_text

_SAID_BY_ANY: Final = ("schema", "message", "subject", "initial_offset", "max_age")
"""What a file leaves to another that reads the topic, if it doesn't say it; beside `format`."""

SAID_BY_ALL: Final = ("envelope", "snapshots")
"""What changes the meaning of paths, or which messages there are: each file says it."""


def contradiction(one: TopicFormat, other: TopicFormat) -> str | None:
    """The first key of `source` in which two files contradict each other; None if both can read one topic."""
    if AUTO not in (one.format, other.format) and one.format != other.format:
        return "format"
    for key in _SAID_BY_ANY:
        if None not in (said := (getattr(one, key), getattr(other, key))) and said[0] != said[1]:
            return key
    return next((key for key in SAID_BY_ALL if getattr(one, key) != getattr(other, key)), None)


def written(format: TopicFormat, key: str) -> str:
    """What a file says under this key, as it writes it; "" if nothing."""
    value = getattr(format, key)
    match value:
        case None | "none":
            return ""
        case False:
            return "skip"
        case True:
            return "include"
        case Schema():
            return value.subject or "another file"
    if key == "max_age" and isinstance(value, int):
        return duration_text(value)
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return str(value)


def together(formats: Iterable[TopicFormat]) -> TopicFormat:
    """What files say together that read one topic and don't contradict each other; of those that do, the first."""
    found = None
    for each in formats:
        if found is None:
            found = each
        elif contradiction(found, each) is None:
            found = msgspec.structs.replace(
                found,
                format=each.format if found.format == AUTO else found.format,
                schema=found.schema or each.schema,
                message=found.message or each.message,
                subject=found.subject or each.subject,
                initial_offset=each.initial_offset if found.initial_offset is None else found.initial_offset,
                max_age=each.max_age if found.max_age is None else found.max_age,
                key="auto" if "auto" in (found.key, each.key) else found.key,
            )
    return found or PLAIN

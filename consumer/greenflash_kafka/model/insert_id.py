"""The identity of an event: Greenflash stores an `insert_id` once, however often the event is sent.

Both forms are made of what never changes about a record, so that every redelivery, on any machine and with any
version of the rules, gives the same id.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Final

from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message

LONGEST: Final = 255
"""Characters that an id has at most; a longer one keeps its beginning and ends in the SHA-256 of the whole."""

_PRINT: Final = 4
"""Characters of a fingerprint for each rule."""

_MOST_PRINTS: Final = 64
"""Rules that a fingerprint tells one by one; of more it is one digest, since it goes with every commit."""


def from_key(event_type: object, key: str) -> str:
    """The id of an event whose rule says what makes it unique: one fact told by two topics is one event."""
    text = f"{event_type}:{key}"
    return text if len(text) <= LONGEST else bounded(text)


def from_record(
    rule: str,
    cluster_id: str,
    topic_id: str,
    partition: int,
    offset: int,
    timestamp_ms: int,
    item: int | None = None,
) -> str:
    """The id of an event whose rule has no `insert_id`: the record's coordinates, and the item's index with `each`.

    The topic's *id* and the cluster's, since offsets start again at 0 in a topic that was deleted and recreated;
    the record's timestamp, since a truncated partition gives an offset a second time.
    """
    text = f"{rule}/{cluster_id}/{topic_id}/{partition}/{offset}/{timestamp_ms}"
    return bounded(text if item is None else f"{text}/{item}")


def of_message(rule: str, message: Message, context: EvaluationContext, item: int | None) -> str:
    """`from_record` of a message at hand."""
    topic_id = context.topic_ids.get(message.topic, "-")
    return from_record(
        rule, context.cluster_id, topic_id, message.partition, message.offset, message.timestamp_ms, item
    )


def bounded(text: str) -> str:
    """The text itself, or its beginning and the digest of the whole."""
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{text[: LONGEST - len(digest) - 1]}-{digest}"


def fingerprint(ways: Iterable[str]) -> str:
    """A short text for the ways in which rules make ids, each written as text, for `gives_other_ids` to compare."""
    prints = sorted({base64.urlsafe_b64encode(hashlib.sha256(way.encode()).digest()[:3]).decode() for way in ways})
    if len(prints) <= _MOST_PRINTS:
        return "".join(prints)
    return "." + hashlib.sha256("".join(prints).encode()).hexdigest()[:12]


def gives_other_ids(before: str, now: str) -> bool:
    """True if rules with the fingerprint `now` may give another id to a message that rules with `before` gave an id:
    one way to make ids is gone, and one is new. A rule that is only new or only gone changes no existing id."""
    if before.startswith(".") or now.startswith("."):
        return before != now
    were, are = ({text[start : start + _PRINT] for start in range(0, len(text), _PRINT)} for text in (before, now))
    return bool(were - are) and bool(are - were)
